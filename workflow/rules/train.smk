# Training from the recipe. A killed run goes on from its last checkpoint, which lies outside the declared outputs
# because Snakemake removes those of a failed job.


rule train:
    input:
        config=config_files,
        data="data/{dataset}",
        verified="data/verified/{dataset}.json",
    output:
        weights="results/{dataset}/{model}/retrained/seed{seed}/weights.pth",
        evidence="results/{dataset}/{model}/retrained/seed{seed}/training.json",
    params:
        work_dir="results/{dataset}/{model}/retrained/seed{seed}/work",
    log:
        "logs/train/{dataset}-{model}-{seed}.log",
    threads: 2
    resources:
        torch=1,
    shell:
        "python workflow/scripts/train.py --config {input.config[0]} --dataset {wildcards.dataset}"
        " --model {wildcards.model} --seed {wildcards.seed} --work-dir {params.work_dir}"
        " --out {output.weights} --evidence {output.evidence} 2>&1 | tee {log}"
