# The authors' weights, fetched and converted, and the untrained network.

import re

from workflow.data.fetch.placement import find_placed, placed_checkpoint


def official_checkpoint(wildcards):
    """The authors' file for a model and a dataset; one that only a person can bring must lie there before any job."""
    for collection in CHECKPOINTS.values():
        for file in collection.files:
            if (file.model, file.dataset) == (wildcards.model, wildcards.dataset):
                return f"weights/{collection.id}/{file.file}"
        for file in collection.placed:
            if (file.model, file.dataset) == (wildcards.model, wildcards.dataset):
                try:
                    return str(placed_checkpoint(collection, file, Path("weights"), MIRROR))
                except SegReproError as error:
                    raise WorkflowError(str(error)) from None
    raise WorkflowError(
        f"data_manifests/checkpoints: no published weights of {wildcards.model} for {wildcards.dataset};"
        " take the route `retrained` in config/reports or add the file to a manifest"
    )


def at_hand(dataset, model):
    """Whether the authors' weights can be had: fetched, or placed by a person."""
    return not any(
        (file.model, file.dataset) == (model, dataset)
        and find_placed(collection, file, Path("weights"), MIRROR) is None
        for collection in CHECKPOINTS.values()
        for file in collection.placed
    )


rule fetch_checkpoint:
    output:
        "weights/{collection}/{file}",
    wildcard_constraints:
        # What a person places there is no output of this rule, which could delete it.
        file="|".join(re.escape(file.file) for collection in CHECKPOINTS.values() for file in collection.files),
    params:
        sha256=lambda wildcards: [f.sha256 for f in CHECKPOINTS[wildcards.collection].files if f.file == wildcards.file],
    log:
        "logs/fetch/{collection}/{file}.log",
    shell:
        "python workflow/scripts/fetch.py --manifest data_manifests/checkpoints/{wildcards.collection}.yaml"
        " --file {wildcards.file} --out {output} {MIRROR_OPTION} 2>&1 | tee {log}"


rule convert:
    input:
        config=config_files,
        checkpoint=official_checkpoint,
    output:
        "results/{dataset}/{model}/official/seed{seed}/weights.pth",
    log:
        "logs/convert/{dataset}-{model}-{seed}.log",
    shell:
        "python workflow/scripts/convert.py --model {wildcards.model} --checkpoint {input.checkpoint:q} --out {output}"
        " 2>&1 | tee {log}"


rule initialise:
    input:
        config=config_files,
    output:
        "results/{dataset}/{model}/untrained/seed{seed}/weights.pth",
    log:
        "logs/initialise/{dataset}-{model}-{seed}.log",
    shell:
        "python workflow/scripts/initialise.py --config {input.config[0]} --seed {wildcards.seed} --out {output}"
        " 2>&1 | tee {log}"
