# Training from the recipe. A killed run goes on from its last checkpoint; checkpoints lie outside the declared outputs.
# Finished weights stay until the program has compared what they were made from with what is asked for.


rule train:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.training(run_of(wildcards)),
                "results/{dataset}/{model}/retrained/seed{seed}/training.json",
                config=config_files,
                pretrained=pretrained,
                data=data_of,
                verified="data/verified/{dataset}.json",
            )
        ),
    output:
        # The program alone knows whether they are those of the training that is asked for.
        weights=update("results/{dataset}/{model}/retrained/seed{seed}/weights.pth"),
        evidence=update("results/{dataset}/{model}/retrained/seed{seed}/training.json"),
    log:
        "logs/train/{dataset}-{model}-{seed}.log",
    benchmark:
        "logs/train/{dataset}-{model}-{seed}.tsv"
    conda:
        ENVIRONMENT
    threads: TORCH_THREADS
    resources:
        torch=1,
        # What sites allow as a rule; a training that is cut off goes on from its checkpoint.
        mem_mb=more_each_try(32000),
        runtime=1440,
        # Where one is asked for, weeks on a CPU are nothing to fall back to; who wants them: --set-resources train:gpu=0.
        # The command says so itself: for a parameter, Snakemake would need sizes of inputs before they can be known.
        gpu=gpus,
        # As a resource it may differ from run to run without anything being made anew.
        compile=0,
    params:
        work_dir="results/{dataset}/{model}/retrained/seed{seed}/work",
        load_from=lambda wildcards, input: [f"--load-from {file}" for file in [input.pretrained] if file],
    shell:
        "python -m workflow.launch {resources.gpu} workflow/scripts/train.py --config {input.config[0]}"
        " --dataset {wildcards.dataset} --verified {input.verified} --model {wildcards.model} --seed {wildcards.seed}"
        " --work-dir {params.work_dir} {params.load_from}"
        " $(test {resources.gpu} -eq 0 || echo --device cuda) $(test {resources.compile} -eq 0 || echo --compile)"
        " --out {output.weights} --evidence {output.evidence} 2>&1 | tee {log}"
