# The authors' weights, fetched and converted, and the untrained network.

import re


rule fetch_checkpoint:
    output:
        "weights/{collection}/{file}",
    log:
        "logs/fetch/{collection}/{file}.log",
    benchmark:
        "logs/fetch/{collection}/{file}.tsv"
    wildcard_constraints:
        # What a person places there is no output of this rule, which could delete it.
        file="|".join(re.escape(file.file) for collection in CHECKPOINTS.values() for file in collection.files),
    conda:
        ENVIRONMENT
    params:
        sha256=lambda wildcards: [f.sha256 for f in CHECKPOINTS[wildcards.collection].files if f.file == wildcards.file],
    shell:
        "python workflow/scripts/fetch.py --manifest data_manifests/checkpoints/{wildcards.collection}.yaml"
        " --file {wildcards.file} --out {output} 2>&1 | tee {log}"


rule convert:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.weights(run_of(wildcards, "official"), Path(official_checkpoint(wildcards))),
                "results/{dataset}/{model}/official/seed{seed}/weights.pth",
                config=config_files,
                checkpoint=official_checkpoint,
            )
        ),
    output:
        weights="results/{dataset}/{model}/official/seed{seed}/weights.pth",
        origin="results/{dataset}/{model}/official/seed{seed}/weights.json",
    log:
        "logs/convert/{dataset}-{model}-{seed}.log",
    benchmark:
        "logs/convert/{dataset}-{model}-{seed}.tsv"
    conda:
        ENVIRONMENT
    shell:
        "python workflow/scripts/convert.py --model {wildcards.model} --checkpoint {input.checkpoint:q}"
        " --out {output.weights} 2>&1 | tee {log}"


rule initialise:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.weights(run_of(wildcards, "untrained"), None),
                "results/{dataset}/{model}/untrained/seed{seed}/weights.pth",
                config=config_files,
            )
        ),
    output:
        weights="results/{dataset}/{model}/untrained/seed{seed}/weights.pth",
        origin="results/{dataset}/{model}/untrained/seed{seed}/weights.json",
    log:
        "logs/initialise/{dataset}-{model}-{seed}.log",
    benchmark:
        "logs/initialise/{dataset}-{model}-{seed}.tsv"
    conda:
        ENVIRONMENT
    shell:
        "python workflow/scripts/initialise.py --config {input.config[0]} --dataset {wildcards.dataset}"
        " --seed {wildcards.seed} --out {output.weights} 2>&1 | tee {log}"
