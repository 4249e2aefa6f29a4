# Entry of the suite. Each stage is one file in workflow/rules; what it runs are the programs in workflow/scripts.

configfile: "config/suite.yaml"


include: "workflow/rules/suite.smk"
include: "workflow/rules/start.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/weights.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/submit.smk"
include: "workflow/rules/profile.smk"
include: "workflow/rules/report.smk"


# On a cluster these run where Snakemake does, because its nodes often have no way out.
localrules:
    fetch_archive,
    fetch_checkpoint,
