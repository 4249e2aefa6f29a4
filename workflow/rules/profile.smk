# What a network costs, alone and beside another; needs neither data nor weights.


rule profile:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.cost(run_of(wildcards), "profile"),
                f"{RUN}/profile.json",
                config=config_files,
            )
        ),
    output:
        f"{RUN}/profile.json",
    log:
        "logs/profile/{dataset}-{model}-{route}-{seed}.log",
    benchmark:
        "logs/profile/{dataset}-{model}-{route}-{seed}.tsv"
    conda:
        ENVIRONMENT
    shell:
        "python workflow/scripts/profile_model.py --config {input.config[0]} --dataset {wildcards.dataset}"
        " --model {wildcards.model} --route {wildcards.route} --seed {wildcards.seed}"
        " --out {output} 2>&1 | tee {log}"


# Times: nothing else should run on the machine meanwhile.
rule efficiency:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.cost(run_of(wildcards), "efficiency"),
                f"{RUN}/efficiency.json",
                config=config_files,
            )
        ),
    output:
        f"{RUN}/efficiency.json",
    log:
        "logs/efficiency/{dataset}-{model}-{route}-{seed}.log",
    benchmark:
        "logs/efficiency/{dataset}-{model}-{route}-{seed}.tsv"
    conda:
        ENVIRONMENT
    threads: TORCH_THREADS
    resources:
        torch=1,
        mem_mb=more_each_try(32000),
        runtime=120,
    shell:
        "python -m workflow.launch 1 workflow/scripts/measure_efficiency.py --config {input.config[0]}"
        " --dataset {wildcards.dataset} --model {wildcards.model} --route {wildcards.route} --seed {wildcards.seed} --out {output}"
        " 2>&1 | tee {log}"


MADE_OTHERWISE = "|".join(plan.comparisons_of(SUITE, stage) for stage in ("accuracy", "efficiency"))


rule compare_counts:
    input:
        unpack(
            while_right(
                lambda wildcards: RESULTS.comparison(
                    wildcards.dataset, wildcards.comparison, planned_comparison(wildcards).models
                ),
                "results/{dataset}/comparisons/{comparison}.json",
                configs=compared_configs,
            )
        ),
    output:
        "results/{dataset}/comparisons/{comparison}.json",
    log:
        "logs/compare/{dataset}-{comparison}.log",
    benchmark:
        "logs/compare/{dataset}-{comparison}.tsv"
    wildcard_constraints:
        # What no report plans comes here too, and is refused.
        comparison=rf"(?!(?:{MADE_OTHERWISE})\.)[a-z0-9_-]+",
    conda:
        ENVIRONMENT
    params:
        planned=comparison_facts,
    shell:
        "python workflow/scripts/compare.py --suite config/suite.yaml --dataset {wildcards.dataset}"
        " --comparison {wildcards.comparison} --out {output} 2>&1 | tee {log}"


use rule compare_counts as compare_latency with:
    wildcard_constraints:
        comparison=plan.comparisons_of(SUITE, "efficiency"),
    threads: TORCH_THREADS
    resources:
        torch=1,
        mem_mb=more_each_try(32000),
        runtime=120,
