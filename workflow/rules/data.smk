# fetch -> prepare -> verify

# With `update` a file that a person placed there is checked and never deleted first.
ARCHIVE = update("data/downloads/{dataset}/{file}")


rule fetch_archive:
    output:
        ARCHIVE if SUITE.keep_archives else temp(ARCHIVE),
    log:
        "logs/fetch/{dataset}/{file}.log",
    benchmark:
        "logs/fetch/{dataset}/{file}.tsv"
    conda:
        ENVIRONMENT
    params:
        # The manifest is no input: a new sentence in it must not fetch gigabytes again.
        hashes=lambda wildcards: [
            s.digest and s.digest[1] for s in dataset(wildcards).sources if s.file == wildcards.file
        ],
    shell:
        "python workflow/scripts/fetch.py --manifest data_manifests/datasets/{wildcards.dataset}.yaml"
        " --file {wildcards.file} --out {output} 2>&1 | tee {log}"


rule prepare:
    input:
        unpack(while_right(lambda wildcards: RESULTS.preparation(wildcards.dataset), f"data/{{dataset}}/{STAMP}")),
        archives=ancient(archives),
        others=lambda wildcards: [f"data/verified/{name}.json" for name in dataset(wildcards).needs],
    output:
        # Nothing else of the folder is an output: Snakemake removes outputs, and links in their place.
        update(f"data/{{dataset}}/{STAMP}"),
    log:
        "logs/prepare/{dataset}.log",
    benchmark:
        "logs/prepare/{dataset}.tsv"
    wildcard_constraints:
        dataset="(?!downloads|verified)[a-z0-9_-]+",
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        # Label maps of several hundred megabytes of JSON are read at once.
        mem_mb=more_each_try(16000),
        runtime=480,
    params:
        facts=facts(deciding_facts.of_prepared_files),
    shell:
        "python workflow/scripts/prepare.py --dataset {wildcards.dataset}"
        " --downloads data/downloads/{wildcards.dataset} --out data/{wildcards.dataset}"
        " --threads {threads} 2>&1 | tee {log}"


rule verify:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.verification(wildcards.dataset),
                "data/verified/{dataset}.json",
                data=data_of,
            )
        ),
    output:
        # What was right and has not changed is not read again.
        update("data/verified/{dataset}.json"),
    log:
        "logs/verify/{dataset}.log",
    benchmark:
        "logs/verify/{dataset}.tsv"
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        mem_mb=more_each_try(4000),
        runtime=240,
    params:
        facts=facts(deciding_facts.of_verification),
    shell:
        "python workflow/scripts/verify.py --dataset {wildcards.dataset} --data data/{wildcards.dataset} --out {output}"
        " --threads {threads} 2>&1 | tee {log}"
