# What a network costs, alone and beside another; needs neither data nor weights.


rule profile:
    input:
        config=config_files,
    output:
        f"{RUN}/profile.json",
    log:
        "logs/profile/{dataset}-{model}-{route}-{seed}.log",
    shell:
        "python workflow/scripts/profile_model.py --config {input.config[0]} --dataset {wildcards.dataset}"
        " --model {wildcards.model} --route {wildcards.route} --seed {wildcards.seed} --out {output}"
        " 2>&1 | tee {log}"


# Times: nothing else should run on the machine meanwhile.
rule efficiency:
    input:
        config=config_files,
    output:
        f"{RUN}/efficiency.json",
    log:
        "logs/efficiency/{dataset}-{model}-{route}-{seed}.log",
    threads: TORCH_THREADS
    resources:
        torch=1,
    shell:
        "python workflow/scripts/measure_efficiency.py --config {input.config[0]} --dataset {wildcards.dataset}"
        " --model {wildcards.model} --route {wildcards.route} --seed {wildcards.seed} --out {output}"
        " 2>&1 | tee {log}"


def compared_configs(wildcards):
    """The configs of both models, followed by the files that they are composed of."""
    folder = Path("mmseg_plugins/configs", wildcards.dataset)
    return [file for model in planned_comparison(wildcards)[0].models for file in base_files(folder / f"{model}.py")]


rule compare_counts:
    input:
        configs=compared_configs,
    output:
        "results/{dataset}/comparisons/{comparison}.json",
    params:
        # Only this comparison: another line in the suite file is no reason to measure it again.
        planned=lambda wildcards: planned_comparison(wildcards)[0].model_dump_json(exclude={"claims"}),
    wildcard_constraints:
        # What no report plans comes here too, and is refused.
        comparison=rf"(?!(?:{comparisons_of('accuracy')}|{comparisons_of('efficiency')})\.)[a-z0-9_-]+",
    log:
        "logs/compare/{dataset}-{comparison}.log",
    shell:
        "python workflow/scripts/compare.py --suite config/suite.yaml --dataset {wildcards.dataset}"
        " --comparison {wildcards.comparison} --out {output} 2>&1 | tee {log}"


use rule compare_counts as compare_latency with:
    wildcard_constraints:
        comparison=comparisons_of("efficiency"),
    threads: TORCH_THREADS
    resources:
        torch=1,
