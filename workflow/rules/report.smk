# Claims x evidence -> pages of datasets; from these the index and the pages of papers.

PAPERS = sorted(path.stem for path in Path("data_manifests/papers").glob("*.yaml"))


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
        # The old page stays until the new one is whole.
        page=report(
            update("reports/{report}.html"),
            caption="../report/page.rst",
            category="Datasets",
            labels={"page": "{report}"},
        ),
        rows=update("reports/{report}.json"),
    log:
        "logs/report/{report}.log",
    benchmark:
        "logs/report/{report}.tsv"
    wildcard_constraints:
        report=rf"(?!(?:index|{'|'.join(PAPERS)})\.)[a-z0-9_-]+",
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
        measurements=rules.page.input.measurements,
        program="workflow/scripts/index.py",
        paths=sorted(str(p) for p in Path("reports/data_paths").glob("*.json")),
    output:
        index=report(
            "reports/index.html", caption="../report/index.rst", category="Index", labels={"page": "all networks"}
        ),
        data="reports/index.json",
        papers=[
            report(f"reports/{paper}.html", caption="../report/paper.rst", category="Papers", labels={"paper": paper})
            for paper in PAPERS
        ],
        papers_data=expand("reports/{paper}.json", paper=PAPERS),
        badges=[
            report(f"reports/{paper}.svg", caption="../report/badge.rst", category="Badges", labels={"paper": paper})
            for paper in PAPERS
        ],
        feed="reports/feed.xml",
        models=["reports/metafile.yml", "reports/model-index.yml"],
    log:
        "logs/report/index.log",
    benchmark:
        "logs/report/index.tsv"
    conda:
        ENVIRONMENT
    shell:
        "python workflow/scripts/index.py --suite {input.suite} --out {output.index} 2>&1 | tee {log}"


# A page that is built alone enters the index and the pages of papers, too: they have what is built so far, and no page
# waits for them.
onsuccess:
    summarise()
    if "index" not in {job.rule.name for job in workflow.dag.jobs}:
        shell("python workflow/scripts/index.py --suite config/suite.yaml --out reports/index.html")
