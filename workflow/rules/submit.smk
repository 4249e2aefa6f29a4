# Predictions for splits whose labels are hidden, as their owners' servers want them.


rule submission:
    input:
        config=config_files,
        weights=f"{RUN}/weights.pth",
        data="data/{dataset}",
        verified="data/verified/{dataset}.json",
    output:
        f"{RUN}/submission-{{split}}.zip",
    wildcard_constraints:
        split="[a-z0-9_]+",
    log:
        "logs/submission/{dataset}-{model}-{route}-{seed}-{split}.log",
    threads: 2
    resources:
        torch=1,
    shell:
        "python workflow/scripts/submit.py --config {input.config[0]} --weights {input.weights}"
        " --dataset {wildcards.dataset} --data {input.data} --split {wildcards.split} --out {output} 2>&1 | tee {log}"
