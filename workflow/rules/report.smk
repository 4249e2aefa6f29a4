# Claims x evidence -> pages.


def evidence(wildcards):
    """The evidence files of a report, as far as the chosen stages make them."""
    if wildcards.report not in SUITE.reports:
        known = ", ".join(sorted(SUITE.reports))
        raise WorkflowError(f"config/reports: no report {wildcards.report!r}; it has: {known}")
    planned = SUITE.reports[wildcards.report]
    files, profiled = [], set()
    for run in planned.runs:
        for seed in run.seeds:
            folder = RUN.format(dataset=planned.dataset, model=run.model, route=run.route, seed=seed)
            # Neither weights nor seed change what a network costs: a model's first run stands for them all.
            if run.model not in profiled:
                profiled.add(run.model)
                files += [f"{folder}/profile.json"] if "structure" in SUITE.stages else []
                files += [f"{folder}/efficiency.json"] if "efficiency" in SUITE.stages else []
            # Weights that only a person can bring are no reason to have no page; it says how to bring them.
            if SUITE.scores(run) and (run.route != "official" or at_hand(planned.dataset, run.model)):
                files.append(f"{folder}/evaluation.json")
                if run.route == "retrained":
                    files.append(f"{folder}/training.json")
    files += [f"results/{planned.dataset}/comparisons/{c.id}.json" for c in SUITE.comparisons(planned)]
    return files


rule page:
    input:
        suite="config/suite.yaml",
        reports=sorted(str(p) for p in Path("config/reports").glob("*.yaml")),
        facts=sorted(str(p) for p in Path("data_manifests").glob("*/*.yaml")),
        measurements=sorted(str(p) for p in Path("reports/measurements").glob("**/*.json")),
        answers=sorted(str(p) for p in Path("reports/server").glob("*/*.yaml")),
        pages=sorted(str(p) for p in Path("reports/pages").glob("*/*.*") if p.suffix in {".jinja", ".css"}),
        code=sorted(str(p) for p in [*Path("reports").rglob("*.py"), *Path("data_manifests").rglob("*.py")]),
        program="workflow/scripts/report.py",
        evidence=evidence,
    output:
        page="reports/{report}.html",
        rows="reports/{report}.json",
    wildcard_constraints:
        report=r"(?!index)[a-z0-9_-]+",
    params:
        evidence=lambda wildcards, input: [f"--evidence {file}" for file in input.evidence],
        stages=",".join(SUITE.stages),
    log:
        "logs/report/{report}.log",
    shell:
        "python workflow/scripts/report.py --suite {input.suite} --report {wildcards.report}"
        " {params.evidence} --stages {params.stages} --out {output.page} 2>&1 | tee {log}"


# The index lists what is built so far, so it is no target that others depend on.
onsuccess:
    shell("python workflow/scripts/index.py --suite config/suite.yaml --out reports/index.html")
