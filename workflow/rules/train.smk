# Training from the recipe. A killed run goes on from its last checkpoint, and one that is asked for again writes its
# results from it; checkpoints lie outside the declared outputs, which Snakemake removes before a job and when it fails.

# Recipes that the suite plans as runs of minutes; so is any on a dataset that it draws. All others are the papers' own.
SHORT = {
    (report.dataset, run.model)
    for report in SUITE.reports.values()
    for run in report.runs
    if run.route == "retrained" and not run.paper_scale
}


def earlier_stage(wildcards):
    """The weights that a training starts from, of its own seed; most start from none."""
    try:
        stated = load_from(Path(config_files(wildcards)[0]))
    except SegReproError as error:
        raise WorkflowError(str(error)) from None
    return [] if stated is None else stated.replace("/seed0/", f"/seed{wildcards.seed}/")


def gpus(wildcards):
    """How many a training asks for: none if it takes minutes."""
    short = (wildcards.dataset, wildcards.model) in SHORT or dataset(wildcards).generator is not None
    return 0 if short else 1


rule train:
    input:
        config=config_files,
        pretrained=earlier_stage,
        data="data/{dataset}",
        verified="data/verified/{dataset}.json",
    output:
        weights="results/{dataset}/{model}/retrained/seed{seed}/weights.pth",
        evidence="results/{dataset}/{model}/retrained/seed{seed}/training.json",
    params:
        work_dir="results/{dataset}/{model}/retrained/seed{seed}/work",
        load_from=lambda wildcards, input: [f"--load-from {file}" for file in [input.pretrained] if file],
        # Weeks on a CPU are nothing to fall back to; who wants them says so by --set-resources train:gpu=0.
        device=lambda wildcards, resources: ["--device cuda"] if resources.gpu else [],
    log:
        "logs/train/{dataset}-{model}-{seed}.log",
    threads: TORCH_THREADS
    resources:
        torch=1,
        gpu=gpus,
    shell:
        "python workflow/scripts/train.py --config {input.config[0]} --dataset {wildcards.dataset}"
        " --verified {input.verified} --model {wildcards.model} --seed {wildcards.seed}"
        " --work-dir {params.work_dir} {params.load_from} {params.device}"
        " --out {output.weights} --evidence {output.evidence} 2>&1 | tee {log}"
