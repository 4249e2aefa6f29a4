# Predict once, score many.

from workflow.claimed_protocols import claimed_protocols, single_scale_claims

# What scores depend on besides predictions. They take seconds, so they follow a corrected program by themselves.
SCORING = [
    *sorted(str(p) for p in Path("data_manifests").rglob("*.py")),
    *(f"mmseg_plugins/evaluation/{module}.py" for module in ("bootstrap", "counts", "counts_file", "scores")),
    "workflow/read_prediction.py",
]


def protocol_files(wildcards):
    """The protocols whose inference the claims of a model on a dataset need; mostly none, as one scale is the rule."""
    try:
        needed = claimed_protocols(wildcards.model, wildcards.dataset)
    except SegReproError as error:
        raise WorkflowError(str(error)) from None
    return [f"data_manifests/protocols/{protocol}.yaml" for protocol in needed]


def label_set_file(wildcards):
    """The classes of the dataset in the wildcards."""
    return f"data_manifests/label_sets/{dataset(wildcards).label_set}.yaml"


rule predict:
    input:
        config=config_files,
        weights=f"{RUN}/weights.pth",
        data="data/{dataset}",
        verified="data/verified/{dataset}.json",
        protocols=protocol_files,
    output:
        prediction=f"{RUN}/prediction.json",
        confusion=f"{RUN}/confusion.npz",
        samples=directory(f"{RUN}/samples"),
    params:
        out_dir=RUN,
        protocols=lambda wildcards, input: [f"--protocol {Path(file).stem}" for file in input.protocols],
        facts=LABEL_FACTS,
    log:
        "logs/predict/{dataset}-{model}-{route}-{seed}.log",
    threads: TORCH_THREADS
    resources:
        torch=1,
    shell:
        "python workflow/scripts/predict.py --config {input.config[0]} --weights {input.weights}"
        " --dataset {wildcards.dataset} --model {wildcards.model} --route {wildcards.route}"
        " --seed {wildcards.seed} {params.protocols} --out-dir {params.out_dir} 2>&1 | tee {log}"


rule score:
    input:
        prediction=f"{RUN}/prediction.json",
        confusion=f"{RUN}/confusion.npz",
        protocols=sorted(str(p) for p in Path("data_manifests/protocols").glob("*.yaml")),
        labels=label_set_file,
        code=[*SCORING, "workflow/scripts/score.py"],
    output:
        f"{RUN}/evaluation.json",
    log:
        "logs/score/{dataset}-{model}-{route}-{seed}.log",
    shell:
        "python workflow/scripts/score.py --prediction {input.prediction} --out {output} 2>&1 | tee {log}"


def scored_runs(wildcards):
    """The folders of the runs of model and baseline whose mIoU a comparison is about."""
    comparison, report = planned_comparison(wildcards)
    return [
        RUN.format(dataset=report.dataset, model=run.model, route=run.route, seed=run.seeds[0])
        for run in report.scored_runs(comparison)
    ]


rule compare_accuracy:
    input:
        predictions=lambda wildcards: [f"{folder}/prediction.json" for folder in scored_runs(wildcards)],
        confusions=lambda wildcards: [f"{folder}/confusion.npz" for folder in scored_runs(wildcards)],
        protocol=f"data_manifests/protocols/{SUITE.standard_protocol}.yaml",
        labels=label_set_file,
        code=[*SCORING, "workflow/scripts/compare_accuracy.py"],
    output:
        "results/{dataset}/comparisons/{comparison}.json",
    wildcard_constraints:
        comparison=comparisons_of("accuracy"),
    params:
        protocol=SUITE.standard_protocol,
        planned=lambda wildcards: planned_comparison(wildcards)[0].model_dump_json(exclude={"claims"}),
    log:
        "logs/compare/{dataset}-{comparison}.log",
    shell:
        "python workflow/scripts/compare_accuracy.py --comparison {wildcards.comparison}"
        " --prediction {input.predictions[0]} --baseline {input.predictions[1]} --protocol {params.protocol}"
        " --out {output} 2>&1 | tee {log}"


def claim_to_depart_from(wildcards):
    """The claim whose sensitivity to its protocol is measured: the first of its kind."""
    try:
        return next(iter(single_scale_claims(wildcards.model, wildcards.dataset)))
    except SegReproError as error:
        raise WorkflowError(str(error)) from None


# Part of no page's plan, as it takes some fifty passes an image: what was measured is committed in reports/measurements.
rule sensitivity:
    input:
        config=config_files,
        weights=f"{RUN}/weights.pth",
        data="data/{dataset}",
        verified="data/verified/{dataset}.json",
        protocols=sorted(str(p) for p in Path("data_manifests/protocols").glob("*.yaml")),
    output:
        f"{RUN}/sensitivity.json",
    params:
        claim=claim_to_depart_from,
        facts=LABEL_FACTS,
    log:
        "logs/sensitivity/{dataset}-{model}-{route}-{seed}.log",
    threads: TORCH_THREADS
    resources:
        torch=1,
    shell:
        "python workflow/scripts/sensitivity.py --config {input.config[0]} --weights {input.weights}"
        " --dataset {wildcards.dataset} --model {wildcards.model} --route {wildcards.route} --seed {wildcards.seed}"
        " --claim {params.claim} --out {output} 2>&1 | tee {log}"
