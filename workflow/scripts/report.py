"""Joins the papers' claims with a report's evidence and writes the page and its rows."""

import gc
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from typer import Option

from data_manifests import loader
from data_manifests.schemas.suite import Suite
from data_manifests.validation import validate
from mmseg_plugins.runtime.provenance import CHECKOUT, git_state
from reports.judging.arithmetic import check, deciding
from reports.judging.context import context_of
from reports.judging.counts import read_counts
from reports.judging.evidence import collect, measurements, server_answers
from reports.judging.findings import all_findings, by_claim
from reports.judging.rows import join
from reports.pages.build import Build
from reports.pages.confusion import CountsBeside
from reports.pages.page import Facts, page_of, render
from reports.pages.samples import galleries
from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError
from workflow import options
from workflow.command_line import run


def main(
    suite: options.Suite,
    report: Annotated[str, Option(help="which of its reports")],
    out: Annotated[Path, options.file_to_write("page to write; the rows go beside it as .json")],
    evidence: Annotated[list[Path] | None, Option(help="evidence file of this machine; give it once for each")] = None,
    committed: Annotated[Path, Option(help="folder of evidence measured elsewhere")] = Path("reports/measurements"),
    answers: Annotated[Path, Option(help="folder of test servers' answers")] = Path("reports/server"),
    stages: Annotated[str | None, Option(help="stages of this build, maybe none; by default the suite file's")] = None,
) -> None:
    """Joins the papers' claims with a report's evidence and writes the page and its rows."""
    plan = loader.suite(suite)
    if stages is not None:
        plan = validate(plan.model_dump() | {"stages": stages.split(",") if stages else []}, Suite, "--stages")
    if report not in plan.reports:
        raise SegReproError(f"{suite}: reports: found no {report!r}; it has: {', '.join(sorted(plan.reports))}")
    protocols = loader.protocols()
    if plan.standard_protocol not in protocols:
        raise SegReproError(
            f"{suite}: standard_protocol: found {plan.standard_protocol!r}; expected one of: {', '.join(protocols)}"
        )
    dataset = loader.dataset(plan.reports[report].dataset)
    claims = {claim.id: claim for claim in loader.claims()}
    for comparison in plan.reports[report].comparisons:
        if unknown := [claim for claim in comparison.claims if claim not in claims]:
            raise SegReproError(
                f"{suite}: reports.{report}.comparisons[{comparison.id}].claims: found {unknown[0]!r}; expected the id"
                " of a claim in data_manifests/papers. Correct it"
            )
    facts = Facts(dataset, loader.label_set(dataset.label_set), protocols, loader.papers(), claims, loader.recipes())
    files = collect(evidence or [], committed, plan.reports[report]) + server_answers(answers, plan, report)
    results = check(loader.arithmetic().values(), claims, read_counts(committed))
    findings = all_findings(loader.findings(), facts.papers, results, claims)
    facts = replace(facts, findings={finding.id: finding for finding in findings})
    known = by_claim(findings)
    numbers = [number for file in files for number in measurements(file)]
    joined = join(claims.values(), numbers, plan, context_of(dataset, plan, report), deciding(results), known)
    del numbers
    counted = CountsBeside(files)
    pictures = galleries(files, facts.label_set.void.color)
    build = Build(*git_state(CHECKOUT))
    page = page_of(report, plan, facts, joined, files, pictures, counted, build)
    atomic_write(out.with_suffix(".json"), page.data.model_dump_json(indent=1) + "\n")
    atomic_write(out, render(page))


if __name__ == "__main__":
    # Records hold no cycles; Python's search for unreachable ones would take most of the time among thousands of them.
    gc.disable()
    run(main)
