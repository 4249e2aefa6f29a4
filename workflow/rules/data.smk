# fetch -> prepare -> verify

from workflow.data.placement import require_placed


def archives(wildcards):
    """The archives of a dataset; those behind a login must lie there before any job starts."""
    manifest = dataset(wildcards)
    folder = Path("data/downloads") / manifest.id
    try:
        require_placed(manifest, folder, MIRROR)
    except SegReproError as error:
        raise WorkflowError(str(error)) from None
    return [str(folder / source.file) for source in manifest.sources]


rule fetch_archive:
    output:
        # `update`, so that a file which a person placed there is checked and never deleted first.
        update("data/downloads/{dataset}/{file}"),
    params:
        # The manifest is no input: a new sentence in it must not fetch gigabytes again.
        sha256=lambda wildcards: [s.sha256 for s in dataset(wildcards).sources if s.file == wildcards.file],
    log:
        "logs/fetch/{dataset}/{file}.log",
    shell:
        "python workflow/scripts/fetch.py --manifest data_manifests/datasets/{wildcards.dataset}.yaml"
        " --file {wildcards.file} --out {output} {MIRROR_OPTION} 2>&1 | tee {log}"


rule prepare:
    input:
        archives=archives,
    output:
        directory("data/{dataset}"),
    params:
        recipe=lambda wildcards: dataset(wildcards).model_dump_json(
            include={"preparation", "generator", "image_size", "splits", "label_set"}
        ),
    wildcard_constraints:
        dataset="(?!downloads|verified)[a-z0-9_-]+",
    log:
        "logs/prepare/{dataset}.log",
    threads: 2
    shell:
        "python workflow/scripts/prepare.py --dataset {wildcards.dataset}"
        " --downloads data/downloads/{wildcards.dataset} --out {output}"
        " --threads {threads} 2>&1 | tee {log}"


rule verify:
    input:
        "data/{dataset}",
    output:
        "data/verified/{dataset}.json",
    log:
        "logs/verify/{dataset}.log",
    threads: 2
    shell:
        "python workflow/scripts/verify.py --dataset {wildcards.dataset} --data {input} --out {output}"
        " --threads {threads} 2>&1 | tee {log}"
