"""The index, the pages of papers, and what other programs read of them."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import evidence_factory as make
import jsonschema
import pytest
import yaml
from markupsafe import escape

from data_manifests import loader
from reports.judging.everywhere import verdict
from reports.judging.rows import Row
from reports.pages import index, paper
from reports.pages.badge import badge
from reports.pages.build import Build
from reports.pages.data import PageData
from reports.pages.feed import ATOM, feed
from reports.pages.model_index import metafile, model_index
from reports.pages.site import Site, built_pages
from segrepro.errors import SegReproError

PROJECT = Path(__file__).resolve().parents[1]
HOSTILE = """<script>alert("x")</script>' onload='y' & <img src=x>"""


@pytest.fixture
def streets(tmp_path, monkeypatch) -> PageData:
    """The page of a dataset with two claims judged."""
    monkeypatch.chdir(tmp_path)
    return make.view("streets", make.build(tmp_path)["streets"])[1].data


@pytest.fixture(scope="module")
def whole() -> Site:
    """The suite itself, no page built."""
    return Site(
        suite=loader.suite(PROJECT / "config/suite.yaml"),
        papers=loader.papers(),
        claims={claim.id: claim for claim in loader.claims()},
        datasets=loader.datasets(),
        protocols=loader.protocols(),
        recipes=loader.recipes(),
        findings=(),
        worked={},
        built={},
        build=Build(),
    )


def row(outcome: str, how: str | None) -> Row:
    (found, *_) = make.view("streets", [])[0]
    return found.model_copy(update={"outcome": outcome, "how": how})


def test_every_own_claim_is_on_the_page_of_its_paper(whole):
    for name in whole.papers:
        page = paper.render(paper.paper_of(name, whole))
        missing = [claim.id for claim in whole.own(name) if f'id="claim-{claim.id}"' not in page]
        assert not missing
    # About a dataset without a page, and about none.
    assert [placed.page for placed in whole.rows["espnet.poster.mapillary.espnet"]] == [None]
    assert "fcn2s.abs.memory" in whole.rows


def test_matrix_counts_every_own_claim_once(whole):
    view = index.index_of(whole)
    counted = sum(bar.total for *_, bars in view.matrix.rows for bar in bars.values())
    assert counted == view.ceiling.own == sum(not claim.repeats for claim in whole.claims.values() if claim.own)
    for name, _, _, bars in view.matrix.rows:
        assert sum(bar.total for bar in bars.values()) == sum(paper.paper_of(name, whole).data.outcomes.values())


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        ([("reproduced", "re-evaluated"), ("not reproduced", "retrained")], "not reproduced"),
        ([("reproduced", "counted"), ("consistent", "counted")], "consistent"),
        ([("undecided", "retrained"), ("reproduced", "re-evaluated")], "reproduced"),
        ([("not reproduced", "arithmetic"), ("reproduced", "counted")], "reproduced"),
        ([("not comparable", "timed"), ("consistent", "arithmetic")], "consistent"),
        ([("not comparable", "timed"), ("not run", None)], "not comparable"),
    ],
)
def test_a_claim_with_several_rows_counts_by_its_measurement_and_the_least_favourable(rows, counted):
    assert verdict([row(*each) for each in rows]) == counted


def test_index_has_bars_that_lead_to_claims_and_says_how_to_build_the_rest(streets):
    known = [*make.claims(), make.claim(id="e", dataset="Elsewhere")]
    page = index.render(index.index_of(make.site([streets], known), "@software{segrepro}"))
    assert 'href="net_2018.html?claims.outcome=own&amp;claims.dataset=streets#claims-section"' in page
    assert 'href="net_2018.html?claims.outcome=own&amp;claims.dataset=elsewhere#claims-section"' in page
    assert 'aria-label="Author 2018, Streets: 2 reproduced, ' in page
    assert '<a href="streets.html">' in page
    assert "snakemake --cores 2 reports/drawn.html" in page
    assert "snakemake --cores 2 reports/streets.html" not in page
    assert 'href="net_2018.html#finding-two-numbers"' in page
    assert "2026-01-02" in page
    assert "@software{segrepro}" in page


def test_index_lists_every_network_once_with_its_weights_and_scores(streets):
    (board,) = [index.networks_of_all(make.site([streets]))]
    shown = {
        (line.cells["route"].text, line.cells["measured"].text, line.cells["reported"].text) for line in board.lines
    }
    assert {("authors' weights", "55.6", "55.64"), ("authors' weights", "57.9", "")} <= shown
    assert sum(line.cells["measured"].best for line in board.lines) == 0  # by two protocols: nothing to compare
    assert board.lines[0].cells["parameters"].text == "0.35"


def test_page_of_a_paper_says_its_outcome_in_a_sentence_with_conditions_findings_and_files(streets):
    view = paper.paper_of("net_2018", make.site([streets]))
    assert view.summary.sentence.startswith("Of 14 claims that Author and Author (2018) make about their own models, ")
    assert "3 are reproduced" in view.summary.sentence
    page = paper.render(view)
    assert str(escape(view.summary.sentence)) in page
    assert 'id="finding-two-numbers"' in page
    assert 'href="streets.html#evidence-1"' in page
    assert 'href="net_2018.svg"' in page
    assert "takes the authors&#39; weights and the images" in page
    assert view.data.outcomes["reproduced"] == 3
    assert {each.page for each in view.data.rows} == {"streets"}


def test_hostile_text_stays_text(streets):
    known = [make.claim(model=HOSTILE, ambiguity=HOSTILE), make.claim(id="e", dataset=HOSTILE)]
    site = make.site(
        [streets],
        known,
        papers={"net_2018": make.paper(title=HOSTILE, authors=[HOSTILE], code="javascript:alert(1)", notes=HOSTILE)},
        findings=(make.finding(title=HOSTILE, means=HOSTILE, what=HOSTILE),),
    )
    for page in (index.render(index.index_of(site, HOSTILE)), paper.render(paper.paper_of("net_2018", site))):
        assert HOSTILE not in page
        assert "<img src=x>" not in page
        assert 'href="javascript' not in page
        assert str(escape(HOSTILE)) in page
    assert HOSTILE not in badge({"reproduced": 1})
    ET.fromstring(feed(site))  # noqa: S314


def test_feed_has_an_entry_for_each_verdict_of_committed_evidence(streets):
    assert ET.fromstring(feed(make.site([streets]))).findall(f"{{{ATOM}}}entry") == []  # noqa: S314

    def entries(page: PageData) -> list[tuple[str, str]]:
        root = ET.fromstring(feed(make.site([page])))  # noqa: S314
        return [tuple(e.findtext(f"{{{ATOM}}}{name}") for name in ("id", "updated"))
            for e in root.iter(f"{{{ATOM}}}entry")]  # fmt: skip

    files = tuple(file.model_copy(update={"committed": True, "day": date(2026, 3, 4)}) for file in streets.evidence)
    committed = streets.model_copy(update={"evidence": files})
    before = entries(committed)
    assert len(before) == sum(row.outcome in ("reproduced", "undecided", "not reproduced") for row in streets.rows)
    assert {day for _, day in before} == {"2026-03-04T00:00:00Z"}
    rows = [r.model_copy(update={"outcome": "not reproduced"}) if r.claim == "net.miou" else r for r in streets.rows]
    after = entries(committed.model_copy(update={"rows": tuple(rows)}))
    assert len(set(after) - set(before)) == 1


def test_scores_are_given_in_the_forms_of_others(streets):
    site = make.site([streets])
    (entry,) = yaml.safe_load(model_index(site))["model-index"]
    assert entry["name"] == "net_small"
    assert [result["metrics"][0]["value"] for result in entry["results"]] == [57.9124, 55.6377]
    models = yaml.safe_load(metafile(site))["Models"]
    assert {model["Config"] for model in models} == {"mmseg_plugins/configs/streets/net_small.py"}
    assert models[0]["Metadata"] == {"Parameters": 354517}


def test_badge_says_how_many_are_reproduced():
    drawn = ET.fromstring(badge({"reproduced": 12, "consistent": 3, "not run": 30}))  # noqa: S314
    assert drawn.get("aria-label") == "SegRepro: 12 of 45 reproduced, 3 consistent"


def test_data_of_pages_keep_to_the_exported_schemas_and_have_a_version(streets):
    site = make.site([streets])
    for name, data in (
        ("page_data", streets),
        ("paper_data", paper.paper_of("net_2018", site).data),
        ("index_data", index.index_of(site).data),
    ):
        schema = json.loads((PROJECT / f"data_manifests/schemas/json/{name}.schema.json").read_text())
        jsonschema.validate(json.loads(data.model_dump_json()), schema)
        assert data.schema_version == 2
    judged = next(row for row in streets.rows if row.claim == "net.miou")
    assert (judged.source.document, judged.tolerance) == ("README.md", 0.1)
    assert next(row for row in streets.rows if row.claim == "big.miou").missing[0].code == "meaning"


def test_data_of_another_version_is_refused_with_the_way_out(streets):
    Path("streets.html").touch()
    Path("streets.json").write_text(streets.model_dump_json().replace('"schema_version":2', '"schema_version":1'))
    with pytest.raises(SegReproError, match=r"schema_version: found 1.*\n.*--force streets\.html"):
        built_pages(make.suite(), Path())


def test_same_input_gives_the_same_index_and_page(streets):
    def build() -> str:
        site = make.site([streets])
        return index.render(index.index_of(site)) + paper.render(paper.paper_of("net_2018", site))

    pages = [build(), build()]
    assert pages[0] == pages[1]
    assert not re.search(r"(?:src|href)=\"https?://(?!arxiv\.org|example\.org)", pages[0])
