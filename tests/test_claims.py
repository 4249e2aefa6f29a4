"""Every number that the five papers report is there, as printed, with all that was known about it."""

import hashlib
import json
import re
from collections import defaultdict
from statistics import mean
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from data_manifests import loader
from data_manifests.claims import expand
from data_manifests.schemas.claim import Claim
from data_manifests.schemas.paper import Document, Paper
from segrepro.errors import SegReproError
from tests import reference

OURS = {
    "paper", "variant", "candidates", "variant_why", "variant_fitted", "baseline", "baseline_why", "baseline_fitted",
    "scoring", "scoring_why", "split_read_as", "other_split", "other_split_why", "repeats",
}  # fmt: skip
READINGS = {"variants", "readings", "candidates", "baselines", "splits"}
# Number of claims, and sha256 of everything that was transcribed: no digit may get lost without a word.
TRANSCRIBED = {
    "espnet_2018": (28, "7a2572fb02f50392bd11b5e488d70443b0e7fe1bf1fecc96fccc034a3f6f0e8d"),
    "fcn_dilated_vgg_2017": (8, "77c809c7d13af733a37be42d3594f3bf773c0bf4c3717b6ef24f4c5bec784916"),
    "ladder_densenet_2017": (75, "aa6d376a3cb08045bb09722eed78f0ed1870976135f93a7863da3d42e43210a9"),
    "ladder_densenet_2019": (3, "7dadff3b7f9579e88b2918eb494eb666210ab1708a5af60e20bf53dbdd57c46e"),
    "shelfnet_2018": (686, "961019e58cc8778e036fc32e05023fba563beddec78cb3a5442522ba359e8776"),
}
each_paper = pytest.mark.parametrize("name", TRANSCRIBED)


@pytest.fixture(scope="module")
def papers() -> dict[str, Paper]:
    return {name: paper for name, paper in loader.papers().items() if name in TRANSCRIBED}


@pytest.fixture(scope="module")
def claims() -> dict[str, list[Claim]]:
    by_paper = defaultdict(list)
    for claim in loader.claims():
        if claim.paper in TRANSCRIBED:
            by_paper[claim.paper].append(claim)
    return by_paper


@pytest.fixture(scope="module")
def originals() -> dict[str, Any]:
    files = {path.stem: path for path in reference.find("claims").glob("*.yaml")}
    return {stem: yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) for stem, path in files.items()}


# ---- against the transcription ----


def test_the_papers_are_those_of_the_transcription(papers, originals):
    assert papers.keys() == originals.keys()


@each_paper
def test_every_claim_is_the_transcribed_one_field_by_field(name, claims, originals):
    expected = {claim["id"]: claim for claim in originals[name]["claims"]}
    found = {claim.id: claim.model_dump(mode="json", exclude=OURS) for claim in claims[name]}
    assert found.keys() == expected.keys()
    absent = {"bound": "exact", "restated": [], "related": []}
    for claim_id, claim in found.items():
        original = expected[claim_id]
        assert original.keys() <= claim.keys()
        for field in claim.keys() - {"source", "restated"}:
            assert claim[field] == original.get(field, absent.get(field)), (claim_id, field)
        places = [claim["source"], *claim["restated"]]
        original_places = [original["source"], *original.get("restated", [])]
        for place, original_place in zip(places, original_places, strict=True):
            _assert_same_place(place, original_place, originals[name]["documents"])


@each_paper
def test_every_other_fact_is_the_transcribed_one(name, papers, originals):
    paper, original = papers[name], originals[name]
    for field, value in original["paper"].items():
        assert _plain(getattr(paper, field)) == value, field
    for field in ("unquantified", "ambiguities"):
        assert [_plain(entry) for entry in getattr(paper, field)] == original.get(field, [])
    # We also list the documents that the transcription names only beside its claims.
    documents = [_without_tier(document) for document in paper.documents.values()]
    assert [document for document in documents if document in original["documents"]] == original["documents"]
    for field in ("protocol_facts", "context_facts"):
        for fact, expected in zip(getattr(paper, field), original.get(field, []), strict=True):
            found = _plain(fact)
            document = paper.documents[found.pop("document")]
            place = {**_plain(document), "location": found.pop("location"), "line": found.pop("line", None)}
            _assert_same_place(place, expected.pop("source"), original["documents"])
            assert expected.pop("tier", document.tier) == document.tier
            assert found == expected
            assert type(found["value"]) is type(expected["value"])


def _assert_same_place(place: dict[str, Any], original: dict[str, Any], documents: list[dict[str, Any]]) -> None:
    """What we say beyond the transcription's claim must come from its list of documents."""
    assert original.items() <= place.items()
    identity = {key: place.get(key) for key in ("document", "url", "repo", "branch", "path")}
    identity = {key: value for key, value in identity.items() if value is not None}
    assert identity.items() <= original.items() or any(identity.items() <= document.items() for document in documents)


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    return list(value) if isinstance(value, tuple) else value


def _without_tier(document: Document) -> dict[str, Any]:
    return document.model_dump(mode="json", exclude_none=True, exclude={"tier"})


# ---- without it ----


@each_paper
def test_no_fact_got_lost(name, papers, claims):
    count, sha256 = TRANSCRIBED[name]
    assert len(claims[name]) == count
    content = {
        "paper": papers[name].model_dump(mode="json", exclude={"groups", *READINGS, "protocols"}),
        "claims": [c.model_dump(mode="json", exclude=OURS) for c in sorted(claims[name], key=lambda c: c.id)],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == sha256


def test_ids_are_unique_over_all_papers(claims):
    ids = [claim.id for claim in loader.claims()]
    assert len(set(ids)) == len(ids)
    assert sum(map(len, claims.values())) == 800


def test_a_value_is_the_printed_number_wherever_one_is_printed(claims):
    differing = []
    for claim in (claim for of_paper in claims.values() for claim in of_paper):
        try:
            number = float(claim.as_printed)
        except (TypeError, ValueError):
            differing.append(claim.as_printed)
        else:
            assert claim.value == number, claim.id
    words = {"45M", "25M", "13M", "8M", "single", "three-fold", "one-third", "second"}
    assert {printed for printed in differing if isinstance(printed, str)} == words
    assert len(differing) == 15


def test_printed_names_stand_for_our_models_only_where_that_is_a_fact(claims):
    papers = ("espnet_2018", "shelfnet_2018", "fcn_dilated_vgg_2017")
    named = {(claim.model, claim.variant) for paper in papers for claim in claims[paper] if claim.variant}
    assert named == {
        ("FCN2s-Dilated-VGG16", "fcn2s_dilated_vgg16"),
        ("FCN2s-Dilated-VGG19", "fcn2s_dilated_vgg19"),
        ("FCN-2s-Dilated-VGG19", "fcn2s_dilated_vgg19"),
        ("ShelfNet18-lw", "shelfnet18_lw"),
        ("ShelfNet34-lw", "shelfnet34_lw"),
        ("ShelfNet50", "shelfnet50"),
        ("ShelfNet50 (public code)", "shelfnet50_coarse"),
        ("ShelfNet50 (ss)", "shelfnet50"),
        ("ShelfNet101", "shelfnet101"),
        ("ShelfNet101 (ss)", "shelfnet101"),
        ("multi-path network", "shelfnet50"),
        ("multi-path network", "shelfnet101"),
        ("multi-path network50", "shelfnet50"),
        ("multi-path network50", "shelfnet50_without_coco"),
        ("multi-path network50 (ss)", "shelfnet50"),
        ("multi-path network50 + coarse", "shelfnet50_coarse"),
        ("multi-path network50 + coarse (ss)", "shelfnet50_coarse"),
        ("multi-path network101", "shelfnet101"),
        ("multi-path network101", "shelfnet101_without_coco"),
        ("ESPNet", "espnet_p2q8"),
        ("ESPNet encoder + input reinforcement", "espnetc_p2q3"),
        ("ESPNet encoder + input reinforcement + light-weight decoder", "espnet_p2q3"),
    }
    unknown = {c.id for c in claims["espnet_2018"] if c.model == "ESPNet" and c.variant is None}
    assert unknown == {
        "espnet.tracker.voc-test.miou",
        "espnet.poster.mapillary.espnet",
        "espnet.poster.voc.params-ratio-segnet",
    }


def test_espnets_own_camvid_numbers_are_scored_as_their_authors_did(claims):
    scored = {(c.id, c.as_printed) for c in claims["espnet_2018"] if c.scoring == "espnet_authors"}
    assert scored == {("espnet.readme.camvid.miou", "55.64"), ("espnet.readme.camvid.class-avg", "68.30")}


def test_printed_splits_stand_for_others_only_where_that_is_a_fact(claims):
    read = {(c.paper, c.dataset, c.split, c.split_read_as) for of in claims.values() for c in of if c.split_read_as}
    assert read == {
        ("fcn_dilated_vgg_2017", "NYU-Depth V2", "not stated (test implied)", "test"),
        ("fcn_dilated_vgg_2017", "PASCAL Context", "not stated (test implied)", "val"),
        ("ladder_densenet_2019", "Cityscapes", "val (implied, not stated)", "val"),
        ("shelfnet_2018", "Cityscapes", "test (per figure)", "test"),
        ("shelfnet_2018", "PASCAL Context", "test", "val"),
    }


def test_pascal_context_has_the_owners_numbers_and_the_paper_keeps_its_own(papers):
    (sizes,) = [fact.value for fact in papers["shelfnet_2018"].protocol_facts if fact.id == "shelf.f.ctx-sizes"]
    splits = loader.dataset("pascal_context").splits
    for printed, split in zip(sizes, (splits["train"], splits["val"]), strict=True):
        assert split.images < printed
        assert {str(split.images), str(printed)} <= set(re.findall(r"\d+", split.note)), "the page says both"


def _rows_with_classes(claims: list[Claim], table: str) -> dict[str, tuple[float, list[float]]]:
    """Row -> reported mIoU, class IoUs."""
    values = {claim.id: claim.value for claim in claims if claim.id.startswith(table)}
    rows = defaultdict(list)
    for claim_id, value in values.items():
        if ".iou." in claim_id:
            rows[claim_id.partition(".iou.")[0]].append(value)
    return {row: (values[f"{row}.miou"], ious) for row, ious in rows.items()}


def test_the_mean_of_the_cityscapes_class_ious_is_the_reported_miou(claims):
    rows = _rows_with_classes(claims["shelfnet_2018"], "shelf.t2.")
    assert len(rows) == 15
    for row, (reported, ious) in rows.items():
        assert len(ious) == 19
        assert mean(ious) == pytest.approx(reported, abs=0.06), row
        assert round(mean(ious), 1) == reported, row


def test_the_voc_class_ious_leave_a_likely_iou_for_the_background_that_is_not_printed(claims):
    rows = _rows_with_classes(claims["shelfnet_2018"], "shelf.imgvoc.")
    assert len(rows) == 14
    for row, (reported, ious) in rows.items():
        assert len(ious) == 20
        background = 21 * reported - sum(ious)
        if row == "shelf.imgvoc.refinenet":
            assert background == pytest.approx(79.7)  # the printed row contradicts itself; the claim says so
        else:
            assert 92 < background < 98, row


# ---- the compact form ----


def _paper(*groups: dict[str, Any], **fields: Any) -> Paper:
    content = {
        "id": "some_paper",
        "title": "Some paper",
        "authors": ["A. Author"],
        "year": 2020,
        "arxiv": None,
        "venue": "some venue",
        "code": None,
        "notes": "",
        "documents": {"text": {"document": "paper.pdf", "kind": "full text", "tier": "seed", "repo": "a/b"}},
        "protocols": {"full": {"image_size": "2048x1024", "scoring": "standard"}, "half": {"image_size": "1024x512"}},
        "groups": groups,
    }
    return Paper.model_validate(content | fields)


GROUP: dict[str, Any] = {
    "id": "t1",
    "document": "text",
    "location": "Table 1",
    "model": "group",
    "dataset": "Cityscapes",
    "split": "val",
    "metric": "miou",
    "unit": "percent",
    "protocol": "full",
    "role": "proposed",
    "measured_by": "authors",
}


def test_a_row_without_columns_is_one_claim():
    (claim,) = expand(_paper({**GROUP, "rows": [{"id": "a", "line": 3, "printed": "69.0"}]}), "p.yaml")
    assert (claim.id, claim.as_printed, claim.value, claim.own) == ("t1.a", "69.0", 69.0, True)
    assert (claim.source.document, claim.source.repo, claim.source.line, claim.tier) == ("paper.pdf", "a/b", 3, "seed")
    assert (claim.protocol, claim.scoring) == ({"image_size": "2048x1024"}, "standard")


def test_the_narrower_statement_wins():
    columns = [{"id": "x"}, {"id": "y", "model": "column", "backbone": "column"}]
    rows = [
        {"id": "a", "printed": "1 2"},
        {"id": "b", "printed": "3 4", "model": "row", "cells": {"y": {"model": "cell"}, "x": {"backbone": "cell"}}},
    ]
    expanded = expand(_paper({**GROUP, "columns": columns, "rows": rows}), "p.yaml")
    assert {claim.id: (claim.model, claim.backbone) for claim in expanded} == {
        "t1.a.x": ("group", None),
        "t1.a.y": ("column", "column"),
        "t1.b.x": ("row", "cell"),
        "t1.b.y": ("cell", "column"),
    }


def test_a_reading_of_a_name_comes_with_its_reason_and_a_row_may_overrule_it():
    rows = [{"id": "a", "printed": "1"}, {"id": "b", "printed": "2", "model": "other"}]
    rows.append({"id": "c", "printed": "3", "variant": None})
    group = {"network": "net_group", "why": "its context is not stated"}
    read = expand(_paper({**GROUP, "rows": rows}, readings={"group": group}), "p.yaml")
    assert [(claim.variant, claim.variant_why) for claim in read] == [
        ("net_group", "its context is not stated"), (None, None), (None, None)
    ]  # fmt: skip
    with pytest.raises(SegReproError, match=r"p\.yaml: readings: found 'grou'; expected: one such as group"):
        expand(_paper({**GROUP, "rows": rows}, readings={"grou": group}), "p.yaml")
    with pytest.raises(SegReproError, match=r"p\.yaml: readings: found 'group' among the variants too"):
        expand(_paper({**GROUP, "rows": rows}, readings={"group": group}, variants={"group": "net"}), "p.yaml")


def test_baseline_is_the_model_that_the_metric_compares_with():
    rows = [{"id": "a", "printed": "22", "metric": "speedup_vs:PSPNet"}, {"id": "b", "printed": "70.1"}]
    pspnet = {"network": "pspnet_r101", "why": "timed with it"}
    first, second = expand(_paper({**GROUP, "rows": rows}, baselines={"PSPNet": pspnet}), "p.yaml")
    assert (first.baseline, first.baseline_why) == ("pspnet_r101", "timed with it")
    assert (second.baseline, second.baseline_why) == (None, None)
    with pytest.raises(SegReproError, match=r"p\.yaml: baselines: found 'PSPNet101'; expected: one such as PSPNet"):
        expand(_paper({**GROUP, "rows": rows}, baselines={"PSPNet101": pspnet}), "p.yaml")


def test_printed_split_stays_beside_the_suites():
    rows = [{"id": "a", "printed": "1", "split": "val (implied)"}, {"id": "b", "printed": "2"}]
    rows.append({"id": "c", "printed": "3", "dataset": "CamVid", "split": "val (implied)"})
    content = {**GROUP, "split": "test", "rows": rows}
    expanded = expand(_paper(content, splits={"Cityscapes": {"val (implied)": "val"}}), "p.yaml")
    assert [(c.split, c.split_read_as, c.suite_split) for c in expanded] == [
        ("val (implied)", "val", "val"), ("test", None, "test"), ("val (implied)", None, "val (implied)")
    ]  # fmt: skip
    for splits, said in (
        ({"Cityscape": {"test": "val"}}, "splits: found 'Cityscape'; expected: one such as Cityscapes"),
        ({"Cityscapes": {"tests": "val"}}, r"splits\.Cityscapes: found 'tests'; expected: one such as test"),
    ):
        with pytest.raises(SegReproError, match=rf"p\.yaml: {said}"):
            expand(_paper(content, splits=splits), "p.yaml")


def test_null_takes_a_shared_statement_out_of_force():
    rows = [{"id": "a", "printed": "1"}, {"id": "b", "printed": "2", "protocol": None, "variant": None}]
    first, second = expand(_paper({**GROUP, "rows": rows}, variants={"group": "our_model"}), "p.yaml")
    assert (first.variant, second.variant) == ("our_model", None)
    assert (second.protocol, second.scoring) == (None, None)


def test_several_tokens_of_one_claim_need_a_value():
    row = {"id": "a", "printed": ["4", "5"], "value": 4, "value_max": 5, "bound": "range"}
    (claim,) = expand(_paper({**GROUP, "rows": [row]}), "p.yaml")
    assert (claim.as_printed, claim.value, claim.value_max, claim.bound) == (("4", "5"), 4, 5, "range")


def test_classes_follow_the_columns():
    row = {"id": "a", "printed": "70.0", "class_iou": "98.1  - 55", "cells": {"iou.traffic-light": {"citation": "x"}}}
    group = {**GROUP, "columns": [{"id": "miou"}], "classes": ["road", "sky", "traffic_light"], "rows": [row]}
    expanded = expand(_paper(group), "p.yaml")
    assert [(claim.id, claim.metric, claim.as_printed, claim.citation) for claim in expanded] == [
        ("t1.a.miou", "miou", "70.0", None),
        ("t1.a.iou.road", "class_iou.road", "98.1", None),
        ("t1.a.iou.traffic-light", "class_iou.traffic_light", "55", "x"),
    ]


tokens = st.one_of(st.just("-"), st.decimals(0, 100, places=2).map(str), st.integers(0, 100).map(str))
tables = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(tokens, min_size=n, max_size=n), min_size=1, max_size=4))


@settings(deadline=None, derandomize=True)
@given(tables)
def test_every_token_of_a_table_is_one_claim_in_the_order_of_reading(table):
    rows = [{"id": f"r{i}", "printed": "  ".join(row)} for i, row in enumerate(table)]
    columns = [{"id": f"c{j}"} for j in range(len(table[0]))]
    expanded = expand(_paper({**GROUP, "columns": columns, "rows": rows}), "p.yaml")
    assert [(claim.id, claim.as_printed, claim.value) for claim in expanded] == [
        (f"t1.r{i}.c{j}", printed, float(printed))
        for i, row in enumerate(table)
        for j, printed in enumerate(row)
        if printed != "-"
    ]
