"""Writes the index, a page and a badge for each paper, and the same as data for other programs."""

import gc
from pathlib import Path
from typing import Annotated, Any

import yaml
from typer import Option

from data_manifests import loader
from mmseg_plugins.runtime.provenance import CHECKOUT, git_state
from reports.judging.arithmetic import check, deciding
from reports.judging.counts import read_counts
from reports.judging.findings import all_findings
from reports.pages import index, paper
from reports.pages.build import Build
from reports.pages.feed import feed
from reports.pages.model_index import metafile, model_index
from reports.pages.site import Site, built_pages
from segrepro.atomic import atomic_write
from workflow import options
from workflow.command_line import run
from workflow.data_paths import current_paths


def main(
    suite: options.Suite,
    out: Annotated[Path, options.file_to_write("index to write; the pages of the datasets lie beside it")],
    committed: Annotated[Path, Option(help="folder of evidence measured elsewhere")] = Path("reports/measurements"),
) -> None:
    """Writes the index, a page and a badge for each paper, and the same as data for other programs."""
    plan, folder = loader.suite(suite), out.parent
    built = built_pages(plan, folder)
    claims = {claim.id: claim for claim in loader.claims()}
    papers = loader.papers()
    results = check(loader.arithmetic().values(), claims, read_counts(committed))
    site = Site(
        suite=plan,
        papers=papers,
        claims=claims,
        datasets=loader.datasets(),
        protocols=loader.protocols(),
        recipes=loader.recipes(),
        findings=all_findings(loader.findings(), papers, results, claims),
        worked=deciding(results),
        built=built,
        build=Build(*git_state(CHECKOUT)),
        paths=current_paths(),
    )
    written: dict[str, str] = {}
    for name in papers:
        page = paper.paper_of(name, site)
        written[f"{name}.json"] = page.data.model_dump_json(indent=1) + "\n"
        written[f"{name}.svg"] = page.badge
        written[f"{name}.html"] = paper.render(page)
    written["feed.xml"] = feed(site)
    written["metafile.yml"] = metafile(site)
    written["model-index.yml"] = model_index(site)
    whole = index.index_of(site, _citation())
    written["index.json"] = whole.data.model_dump_json(indent=1) + "\n"
    for file, content in written.items():
        atomic_write(folder / file, content)
    atomic_write(out, index.render(whole))


def _citation() -> str:
    """How `CITATION.cff` says to cite the suite, as BibTeX; empty where a copy of the code comes without it."""
    file = CHECKOUT / "CITATION.cff"
    if not file.is_file():
        return ""
    stated: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    names = [author["name"] for author in stated["authors"]]
    return index.suite_bibtex(stated["title"], names, stated["version"], str(stated["date-released"]))


if __name__ == "__main__":
    # As in report.py: records hold no cycles.
    gc.disable()
    run(main)
