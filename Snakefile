# Entry of the suite. Each stage is one file in workflow/rules; what it runs are the programs in workflow/scripts.


configfile: "config/suite.yaml"


# What `snakemake --report report.zip` begins with; captions of pages and pictures lie beside it.
report: "workflow/report/suite.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/start.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/weights.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/submit.smk"
include: "workflow/rules/profile.smk"


# What `snakemake` builds that is told neither pages nor stages: every page from the evidence at hand, and the index. It
# fetches, trains and measures nothing and needs no network; a stage counts as part of a page if nothing of it is missing.
# With `--config stages=...` it builds every page by these stages.
rule all:
    input:
        pages=every_page,
        index="reports/index.html",


# On a cluster these run where Snakemake does: to fetch, its nodes often have no way out; the others take seconds, less
# than a job waits.
localrules:
    all,
    convert,
    fetch_archive,
    fetch_checkpoint,
    index,
    page,
    profile,
    score,
