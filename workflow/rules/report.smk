# Claims x evidence -> pages, and the list of them.


rule page:
    input:
        suite="config/suite.yaml",
        reports=sorted(str(p) for p in Path("config/reports").glob("*.yaml")),
        facts=sorted(str(p) for p in Path("data_manifests").glob("*/*.yaml")),
        measurements=sorted(str(p) for p in Path("reports/measurements").glob("**/*.json")),
        answers=sorted(str(p) for p in Path("reports/server").glob("*/*.yaml")),
        pages=sorted(str(p) for p in Path("reports/pages").rglob("*") if p.suffix in {".jinja", ".css", ".js"}),
        code=sorted(str(p) for p in [*Path("reports").rglob("*.py"), *Path("data_manifests").rglob("*.py")]),
        program="workflow/scripts/report.py",
        evidence=evidence,
    output:
        page="reports/{report}.html",
        rows="reports/{report}.json",
    log:
        "logs/report/{report}.log",
    wildcard_constraints:
        report=r"(?!index)[a-z0-9_-]+",
    conda:
        ENVIRONMENT
    params:
        evidence=lambda wildcards, input: [f"--evidence {os.path.relpath(file)}" for file in input.evidence],
        stages=page_stages,
    shell:
        "python workflow/scripts/report.py --suite {input.suite} --report {wildcards.report}"
        " {params.evidence} --stages={params.stages} --out {output.page} 2>&1 | tee {log}"


rule index:
    input:
        suite="config/suite.yaml",
        pages=expand("reports/{report}.html", report=SUITE.reports),
        facts=rules.page.input.facts,
        code=rules.page.input.code,
        templates=rules.page.input.pages,
        program="workflow/scripts/index.py",
    output:
        "reports/index.html",
    log:
        "logs/report/index.log",
    conda:
        ENVIRONMENT
    shell:
        "python workflow/scripts/index.py --suite {input.suite} --out {output} 2>&1 | tee {log}"


# A page that is built alone enters the index, too: it lists what is built so far, which no page waits for.
onsuccess:
    if "index" not in {job.rule.name for job in workflow.dag.jobs}:
        shell("python workflow/scripts/index.py --suite config/suite.yaml --out reports/index.html")
