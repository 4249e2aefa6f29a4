# Predictions for splits whose labels are hidden, as their owners' servers want them: at a single scale, or with the name
# of a protocol behind that of the split, by its inference.


rule submission:
    input:
        config=config_files,
        weights=f"{RUN}/weights.pth",
        data=data_of,
        verified="data/verified/{dataset}.json",
        protocol=protocol_file,
    output:
        f"{RUN}/submission-{{split}}{{protocol}}.zip",
    log:
        "logs/submission/{dataset}-{model}-{route}-{seed}-{split}{protocol}.log",
    benchmark:
        "logs/submission/{dataset}-{model}-{route}-{seed}-{split}{protocol}.tsv"
    wildcard_constraints:
        split="[a-z0-9_]+",
        protocol="(-[a-z0-9_]+)?",
    conda:
        ENVIRONMENT
    threads: TORCH_THREADS
    resources:
        torch=1,
        mem_mb=more_each_try(16000),
        runtime=more_each_try(120),
    params:
        protocol=lambda wildcards: wildcards.protocol.replace("-", "--protocol "),
        facts=LABEL_FACTS,
    shell:
        "python -m workflow.launch 1 workflow/scripts/submit.py --config {input.config[0]} --weights {input.weights}"
        " --dataset {wildcards.dataset} --data data/{wildcards.dataset} --split {wildcards.split} {params.protocol}"
        " --out {output} 2>&1 | tee {log}"
