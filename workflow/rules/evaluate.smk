# Predict once, score many.


rule predict:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.prediction(
                    run_of(wildcards), source_of(wildcards), needed_protocols(wildcards)
                ),
                f"{RUN}/prediction.json",
                config=config_files,
                weights=f"{RUN}/weights.pth",
                data=data_of,
                verified="data/verified/{dataset}.json",
                protocols=protocol_files,
            )
        ),
    output:
        prediction=f"{RUN}/prediction.json",
        confusion=f"{RUN}/confusion.npz",
        samples=report(
            directory(f"{RUN}/samples"),
            patterns=["{image}_{kind,image|truth|prediction}.png"],
            caption="../report/samples.rst",
            category="Pictures",
            subcategory="{dataset}",
            labels={
                "network": "{model}",
                "weights": "{route}",
                "seed": "{seed}",
                "image": "{image}",
                "what": "{kind}",
            },
        ),
    log:
        "logs/predict/{dataset}-{model}-{route}-{seed}.log",
    benchmark:
        "logs/predict/{dataset}-{model}-{route}-{seed}.tsv"
    conda:
        ENVIRONMENT
    threads: TORCH_THREADS
    resources:
        torch=1,
        mem_mb=more_each_try(16000),
        runtime=more_each_try(120),
    params:
        out_dir=lambda wildcards, output: Path(output.prediction).parent,
        protocols=lambda wildcards, input: [f"--protocol {Path(file).stem}" for file in input.protocols],
        facts=LABEL_FACTS,
    shell:
        "python -m workflow.launch 1 workflow/scripts/predict.py --config {input.config[0]} --weights {input.weights}"
        " --verified {input.verified}"
        " --dataset {wildcards.dataset} --model {wildcards.model} --route {wildcards.route}"
        " --seed {wildcards.seed} {params.protocols} --out-dir {params.out_dir} 2>&1 | tee {log}"


rule score:
    input:
        unpack(while_right(lambda wildcards: RESULTS.evaluation(run_of(wildcards)), f"{RUN}/evaluation.json")),
        prediction=f"{RUN}/prediction.json",
        confusion=f"{RUN}/confusion.npz",
    output:
        f"{RUN}/evaluation.json",
    log:
        "logs/score/{dataset}-{model}-{route}-{seed}.log",
    benchmark:
        "logs/score/{dataset}-{model}-{route}-{seed}.tsv"
    conda:
        ENVIRONMENT
    shell:
        "python workflow/scripts/score.py --prediction {input.prediction} --out {output} 2>&1 | tee {log}"


rule compare_accuracy:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.difference(
                    wildcards.dataset,
                    wildcards.comparison,
                    plan.scored_folders(SUITE, wildcards.dataset, wildcards.comparison),
                ),
                "results/{dataset}/comparisons/{comparison}.json",
            )
        ),
        predictions=scored("prediction.json"),
        confusions=scored("confusion.npz"),
    output:
        "results/{dataset}/comparisons/{comparison}.json",
    log:
        "logs/compare/{dataset}-{comparison}.log",
    benchmark:
        "logs/compare/{dataset}-{comparison}.tsv"
    wildcard_constraints:
        comparison=plan.comparisons_of(SUITE, "accuracy"),
    conda:
        ENVIRONMENT
    params:
        protocol=SUITE.standard_protocol,
        planned=comparison_facts,
    shell:
        "python workflow/scripts/compare_accuracy.py --comparison {wildcards.comparison}"
        " --prediction {input.predictions[0]} --baseline {input.predictions[1]} --protocol {params.protocol}"
        " --out {output} 2>&1 | tee {log}"


# Part of no page's plan, as it takes some fifty passes an image: what was measured is committed in reports/measurements.
rule sensitivity:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.sensitivity(run_of(wildcards), source_of(wildcards)),
                f"{RUN}/sensitivity.json",
                config=config_files,
                weights=f"{RUN}/weights.pth",
                data=data_of,
                verified="data/verified/{dataset}.json",
            )
        ),
        protocols=sorted(str(p) for p in Path("data_manifests/protocols").glob("*.yaml")),
    output:
        f"{RUN}/sensitivity.json",
    log:
        "logs/sensitivity/{dataset}-{model}-{route}-{seed}.log",
    benchmark:
        "logs/sensitivity/{dataset}-{model}-{route}-{seed}.tsv"
    conda:
        ENVIRONMENT
    threads: TORCH_THREADS
    resources:
        torch=1,
        mem_mb=more_each_try(16000),
        runtime=more_each_try(120),
    params:
        claim=claim_to_depart_from,
        facts=LABEL_FACTS,
    shell:
        "python -m workflow.launch 1 workflow/scripts/sensitivity.py --config {input.config[0]}"
        " --weights {input.weights} --verified {input.verified} --dataset {wildcards.dataset}"
        " --model {wildcards.model} --route {wildcards.route} --seed {wildcards.seed} --claim {params.claim}"
        " --out {output} 2>&1 | tee {log}"
