# fetch -> prepare -> verify

from functools import cache

from workflow.data import deciding_facts, checksum_list
from workflow.data.fetch.disk import archives_to_come
from workflow.data.fetch.placement import require_placed


def archives(wildcards):
    """The archives of a dataset. One that a single split needs counts where somebody placed it, now or before."""
    manifest = dataset(wildcards)
    folder, prepared = Path("data/downloads") / manifest.id, Path("data") / manifest.id
    if not prepared.exists():
        TO_BRING_IN.add(manifest.id)
        say_what_archives_need(manifest.id)
    places = [folder] + ([MIRROR / manifest.id] if MIRROR else [])
    needed = [
        source
        for source in manifest.sources
        if source.split is None
        or any((place / source.file).exists() for place in places)
        or (prepared / manifest.layout_of(source.split).names.format(split=source.split)).exists()
    ]
    return [str(folder / source.file) for source in needed]


@cache
def say_what_archives_need(name):
    """What a person must place must be there, or there is no plan; and what the rest takes is said, once."""
    manifest, folder = loader.dataset(name), Path("data/downloads") / name
    try:
        require_placed(manifest, folder, MIRROR)
        if to_come := archives_to_come(manifest, folder):
            print(to_come, file=sys.stderr)
    except SegReproError as error:
        raise WorkflowError(str(error)) from None


def facts(decide):
    """The parameters of a rule whose outputs the facts of a dataset decide; a new sentence or comment is none of them."""

    def parameters(wildcards):
        try:
            manifest = loader.dataset(wildcards.dataset)
            return decide(manifest, loader.label_set(manifest.label_set), checksum_list.listed_for(manifest))
        except SegReproError as error:
            raise WorkflowError(str(error)) from None

    return parameters


LABEL_FACTS = facts(lambda manifest, labels, checksums: deciding_facts.of_predictions(labels))


def archive_file(path):
    """An archive as an output; with `update` a file that a person placed there is checked and never deleted first."""
    return update(path) if SUITE.keep_archives else temp(update(path))


rule fetch_archive:
    output:
        archive_file("data/downloads/{dataset}/{file}"),
    params:
        # The manifest is no input: a new sentence in it must not fetch gigabytes again.
        hashes=lambda wildcards: [s.sha256 or s.md5 for s in dataset(wildcards).sources if s.file == wildcards.file],
    log:
        "logs/fetch/{dataset}/{file}.log",
    shell:
        "python workflow/scripts/fetch.py --manifest data_manifests/datasets/{wildcards.dataset}.yaml"
        " --file {wildcards.file} --out {output} {MIRROR_OPTION} 2>&1 | tee {log}"


rule prepare:
    input:
        archives=archives,
        others=lambda wildcards: [f"data/verified/{name}.json" for name in dataset(wildcards).needs],
    output:
        directory("data/{dataset}"),
    params:
        facts=facts(deciding_facts.of_prepared_files),
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
    params:
        facts=facts(deciding_facts.of_verification),
    log:
        "logs/verify/{dataset}.log",
    threads: 2
    shell:
        "python workflow/scripts/verify.py --dataset {wildcards.dataset} --data {input} --out {output}"
        " --threads {threads} 2>&1 | tee {log}"
