"""What was found about a number reaches the reader of that number."""

import re

import pytest

from data_manifests import loader
from data_manifests.schemas.finding import Findings
from data_manifests.validation import validate
from reports.judging.arithmetic import check
from reports.judging.findings import DOCUMENTS, about_paper, all_findings, by_claim, notes
from segrepro.errors import SegReproError
from tests import evidence_factory as make


@pytest.fixture(scope="module")
def claims():
    return {claim.id: claim for claim in loader.claims()}


@pytest.fixture(scope="module")
def papers():
    return loader.papers()


@pytest.fixture(scope="module")
def findings(claims, papers):
    results = check(loader.arithmetic().values(), claims, {})
    return all_findings(loader.findings(), papers, results, claims)


def test_every_ambiguity_of_a_claim_is_in_the_notes_of_its_row(claims):
    stated = {claim.id: claim.ambiguity for claim in claims.values() if claim.ambiguity}
    assert len(stated) == 148
    assert {name: notes(claims[name], claims).open for name in stated} == stated


def test_every_ambiguity_of_a_paper_is_told_by_a_finding(findings, papers):
    told = {(finding.paper, topic) for finding in findings for topic in finding.topics}
    stated = {(name, ambiguity.topic) for name, paper in papers.items() for ambiguity in paper.ambiguities}
    assert len(stated) == 18
    assert told == stated


def test_what_is_claimed_without_a_number_is_a_finding(findings, papers):
    for name, paper in papers.items():
        without = [f for f in findings if f.paper == name and f.origin == "without a number"]
        assert [f.title for f in without] == [f"Claimed without a number: {u.claim}" for u in paper.unquantified]
        assert [f.what for f in without if "No document" not in f.what] == [
            u.note for u in paper.unquantified if u.note
        ]


def test_what_stands_elsewhere_is_in_the_notes(claims):
    enet = notes(claims["shelf.t2.enet.miou"], claims)
    assert [text.partition(" in ")[0] for text in enet.elsewhere] == ["58.3", "58.3"]
    assert any("section 2.2" in text for text in enet.elsewhere)
    assert any("results_shelfnet.png of juntang-zhuang/ShelfNet (citys_lw)" in text for text in enet.elsewhere)
    # One way in the manifest, both ways for the reader.
    assert any("68.3 in Table 2" in text for text in notes(claims["shelf.fig8a.enet.miou"], claims).elsewhere)
    for claim in claims.values():
        assert len(notes(claim, claims).also) == len(claim.restated)


def test_a_document_that_is_not_the_paper_is_named(claims):
    kinds = {claim.tier: notes(claim, claims).document for claim in claims.values()}
    assert kinds == DOCUMENTS | {"seed": None}


def test_enet_s_two_numbers_explain_themselves_in_both_rows(findings):
    at = by_claim(findings)
    for row in ("shelf.t2.enet.miou", "shelf.text.enet.miou"):
        (enet,) = [finding for finding in at[row] if finding.id == "enet-68-or-58"]
        assert {"68.3", "58.3"} <= set(re.findall(r"\d+\.\d", enet.what))
        assert enet.means.startswith("Take 58.3 for ENet")


def test_arithmetic_tells_its_findings_with_the_numbers(findings):
    found = {finding.title: finding for finding in findings if finding.origin == "arithmetic"}
    lower = found["Six scales lower a class while the mean rises"]
    assert "71.47 − 73.6 = −2.13" in lower.what  # noqa: RUF001
    assert "73.87 − 74.2 = −0.33" in lower.what  # noqa: RUF001
    assert len(lower.claims) == 5
    faster = found["“4 to 5 times faster” holds only after rounding"]
    assert faster.claims == ("shelf.text.speedup-pspnet", "shelf.text.speedup-encnet")
    assert faster.sure == "certain"
    # Nothing is found where something is not yet counted.
    assert "“One-third of the parameters” is more than a third" not in found


def test_a_finding_is_on_the_pages_of_all_papers_that_it_touches(findings, claims):
    stride = {
        name
        for name in loader.papers()
        if any(f.id == "stride-of-dilated" for f in about_paper(name, findings, claims))
    }
    assert stride == {"ladder_densenet_2017", "shelfnet_2018"}


def test_ids_are_unique_over_all_papers(findings):
    ids = [finding.id for finding in findings]
    assert sorted(ids) == sorted(set(ids))


# ---- wrong files ----


def _finding(**changes):
    content = {"id": "x", "title": "x", "what": "x", "where": "x", "means": "x", "sure": "certain", "how": "x"}
    return content | changes


@pytest.mark.parametrize(
    ("changes", "message"), [({}, "not x twice"), ({"id": "y", "topics": ["t"]}, "each topic told by one finding")]
)
def test_two_findings_must_not_be_one(changes, message):
    content = {"id": "p", "findings": [_finding(topics=["t"]), _finding(**changes)]}
    with pytest.raises(SegReproError, match=message):
        validate(content, Findings, "test")


@pytest.mark.parametrize(("field", "name"), [("claims", "espnet.abs.fps-gpus"), ("topics", "splits")])
def test_a_finding_about_something_that_is_not_there_is_told(field, name, tmp_path, monkeypatch):
    for folder in ("papers", "protocols"):
        (tmp_path / folder).symlink_to(loader.ROOT / folder)
    (tmp_path / "findings").mkdir()
    manifest = Findings(id="espnet_2018", findings=(_finding(**{field: [name]}),))
    (tmp_path / "findings/espnet_2018.yaml").write_text(manifest.model_dump_json())
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    with pytest.raises(SegReproError, match=rf"espnet_2018\.yaml: x: {field}: found '{name}'; expected one such as"):
        loader.findings()


def test_notes_of_a_claim_about_which_all_is_said_are_empty():
    claim = make.claim(tier="seed")
    assert set(notes(claim, {claim.id: claim}).model_dump().values()) == {None, ()}
