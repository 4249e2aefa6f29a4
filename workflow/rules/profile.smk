# What a network costs; needs neither data nor weights.


rule profile:
    input:
        config=config_files,
    output:
        f"{RUN}/profile.json",
    log:
        "logs/profile/{dataset}-{model}-{route}-{seed}.log",
    threads: 2
    resources:
        torch=1,
    shell:
        "python workflow/scripts/profile_model.py --config {input.config[0]} --dataset {wildcards.dataset}"
        " --model {wildcards.model} --route {wildcards.route} --seed {wildcards.seed} --out {output}"
        " 2>&1 | tee {log}"
