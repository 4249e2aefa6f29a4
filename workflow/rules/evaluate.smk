# Predict once, score many.


rule predict:
    input:
        config=config_files,
        weights=f"{RUN}/weights.pth",
        data="data/{dataset}",
        verified="data/verified/{dataset}.json",
    output:
        prediction=f"{RUN}/prediction.json",
        confusion=f"{RUN}/confusion.npz",
        samples=directory(f"{RUN}/samples"),
    params:
        out_dir=RUN,
    log:
        "logs/predict/{dataset}-{model}-{route}-{seed}.log",
    threads: 2
    resources:
        torch=1,
    shell:
        "python workflow/scripts/predict.py --config {input.config[0]} --weights {input.weights}"
        " --dataset {wildcards.dataset} --model {wildcards.model} --route {wildcards.route}"
        " --seed {wildcards.seed} --out-dir {params.out_dir} 2>&1 | tee {log}"


rule score:
    input:
        prediction=f"{RUN}/prediction.json",
        confusion=f"{RUN}/confusion.npz",
        protocols=sorted(str(p) for p in Path("data_manifests/protocols").glob("*.yaml")),
    output:
        f"{RUN}/evaluation.json",
    log:
        "logs/score/{dataset}-{model}-{route}-{seed}.log",
    shell:
        "python workflow/scripts/score.py --prediction {input.prediction} --out {output} 2>&1 | tee {log}"
