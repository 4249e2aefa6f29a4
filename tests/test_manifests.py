"""Every manifest is valid, they fit together, and a wrong one is told in terms of its file."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from data_manifests import loader
from data_manifests.schemas.arithmetic import Arithmetic
from data_manifests.schemas.checkpoint import CheckpointCollection
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.finding import Findings
from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.paper import Paper
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.suite import Report, Suite
from segrepro.errors import SegReproError

PROJECT = Path(__file__).resolve().parents[1]
JSON_SCHEMAS = loader.ROOT / "schemas" / "json"
SCHEMA_OF_FOLDER = {
    "arithmetic": ("arithmetic", Arithmetic),
    "checkpoints": ("checkpoint", CheckpointCollection),
    "datasets": ("dataset", Dataset),
    "findings": ("findings", Findings),
    "label_sets": ("label_set", LabelSet),
    "papers": ("paper", Paper),
    "protocols": ("protocol", Protocol),
}
MANIFESTS = [
    (path, *schema)
    for folder, schema in SCHEMA_OF_FOLDER.items()
    for path in sorted((loader.ROOT / folder).glob("*.yaml"))
] + [
    (PROJECT / "config/suite.yaml", "suite", Suite),
    *((path, "report", Report) for path in sorted((PROJECT / "config/reports").glob("*.yaml"))),
]
each_manifest = pytest.mark.parametrize(
    ("path", "schema_name", "schema"), MANIFESTS, ids=[f"{path.parent.name}/{path.stem}" for path, *_ in MANIFESTS]
)


@each_manifest
def test_manifest_fits_its_schema_and_is_named_after_its_id(path, schema_name, schema):
    manifest = loader.read(path, schema)
    if schema not in (Suite, Report):
        assert manifest.id == path.stem


@each_manifest
def test_manifest_names_the_schema_for_editors_and_fits_it(path, schema_name, schema):
    first_line, _, text = path.read_text(encoding="utf-8").partition("\n")
    prefix, _, address = first_line.partition("$schema=")
    assert prefix == "# yaml-language-server: "
    exported = (path.parent / address).resolve()
    assert exported == JSON_SCHEMAS / f"{schema_name}.schema.json"
    jsonschema.validate(yaml.safe_load(text), json.loads(exported.read_text()))


def test_exported_schemas_are_those_of_the_code(tmp_path):
    script = PROJECT / "workflow/scripts/export_schemas.py"
    subprocess.run([sys.executable, script, "--out", tmp_path], cwd=PROJECT, check=True)
    committed = {path.name: path.read_text() for path in JSON_SCHEMAS.iterdir()}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == committed, (
        "run python workflow/scripts/export_schemas.py"
    )


def test_manifests_that_name_each_other_exist():
    papers, protocols = loader.papers(), loader.protocols()
    names = [path.stem for path in (loader.ROOT / "datasets").glob("*.yaml")]
    for dataset in map(loader.dataset, names):
        label_set = loader.label_set(dataset.label_set)
        assert set(dataset.category_ids or ()) <= {c.name for c in label_set.classes}
        for needed in dataset.needs:
            loader.dataset(needed)
    for collection in loader.checkpoint_collections().values():
        assert collection.paper in papers
        for checkpoint in collection.published:
            loader.dataset(checkpoint.dataset)
    splits = {name: d.splits for d in map(loader.dataset, names) for name in (d.id, *d.claim_names)}
    for claim in loader.claims():
        assert claim.scoring is None or claim.scoring in protocols, claim.id
        assert claim.split_read_as is None or claim.split_read_as in splits[claim.dataset], claim.id


def test_every_report_is_a_file_of_its_own(tmp_path):
    (tmp_path / "suite.yaml").write_text((PROJECT / "config/suite.yaml").read_text())
    (tmp_path / "reports").mkdir()
    report = "{title: New, dataset: camvid, runs: []}"
    (tmp_path / "reports/new.yaml").write_text(report)
    suite = loader.suite(tmp_path / "suite.yaml")
    assert {name: page.title for name, page in suite.reports.items()} == {"new": "New"}
    with (tmp_path / "suite.yaml").open("a") as file:
        file.write(f"reports: {{old: {report}}}\n")
    with pytest.raises(SegReproError, match=r"suite\.yaml: reports: found old; expected none here"):
        loader.suite(tmp_path / "suite.yaml")


# ---- wrong manifests ----

GOOD = """\
id: some_paper
title: Some paper
authors: [A. Author]
year: 2020
arxiv: null
venue: some venue
code: null
notes: ""
documents:
  text: {document: paper.pdf, kind: full text, tier: seed}
protocols:
  full_size: {image_size: 2048x1024}
groups:
  - id: t1
    document: text
    location: Table 1
    model: Net
    dataset: Cityscapes
    split: val
    unit: percent
    protocol: full_size
    role: proposed
    measured_by: authors
    columns: [{id: miou, metric: miou}, {id: acc, metric: pixel_accuracy}]
    rows:
      - {id: a, printed: "60.1 90.2", line: 7}
"""


@pytest.fixture
def manifests(tmp_path, monkeypatch) -> Path:
    """The folder that the loader reads, empty."""
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    (tmp_path / "papers").mkdir()
    return tmp_path


def test_the_example_that_is_broken_below_is_right(manifests):
    (manifests / "papers/some_paper.yaml").write_text(GOOD)
    assert [claim.id for claim in loader.claims()] == ["t1.a.miou", "t1.a.acc"]


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        pytest.param(
            "title: Some paper\n",
            "",
            "title: found nothing; expected: this field, which is required",
            id="missing field",
        ),
        pytest.param(
            "line: 7",
            "lin: 7",
            "groups[t1].rows[a].lin: found 7; expected: no such field; did you mean `line`?",
            id="misspelt field",
        ),
        pytest.param(
            "image_size",
            "images",
            "protocols.full_size.images: found '2048x1024'; expected: no such field",
            id="unknown field",
        ),
        pytest.param(
            'printed: "60.1 90.2"',
            "printed: 60.1",
            "groups[t1].rows[a].printed: found 60.1; expected: a valid string or a valid tuple",
            id="wrong type: digits without quotation marks",
        ),
        pytest.param(
            "year: 2020",
            "year: twenty",
            "year: found 'twenty'; expected: a valid integer",
            id="wrong type",
        ),
        pytest.param(
            "{document: paper.pdf, kind: full text, tier: seed}",
            "paper.pdf",
            "documents.text: found 'paper.pdf'; expected: a mapping of field names to values",
            id="text in place of a record",
        ),
        pytest.param(
            "tier: seed",
            "tier: book",
            "documents.text.tier: found 'book'; expected: 'seed', 'readme'",
            id="none of the allowed words",
        ),
        pytest.param("authors: [A. Author]", "authors: [A. Author", "not valid YAML", id="bad YAML"),
        pytest.param(
            "year: 2020",
            "year: 2020\nyear: 2021",
            "found the key 'year' twice; expected: once",
            id="key twice",
        ),
        pytest.param(
            "protocol: full_size",
            "protocol: fullsize",
            "t1.a.miou: protocol: found 'fullsize'; expected: one such as full_size",
            id="unknown protocol",
        ),
        pytest.param(
            "    protocol: full_size\n",
            "",
            "t1.a.miou: protocol: found nothing; expected: one such as full_size",
            id="no protocol",
        ),
        pytest.param(
            "document: text",
            "document: txt",
            "t1.a.miou: document: found 'txt'; expected: one such as text",
            id="unknown document",
        ),
        pytest.param(
            "line: 7",
            "line: 7, related: [t1.a.mio]",
            "t1.a.miou: related: found 't1.a.mio'; expected: one such as t1.a.miou",
            id="unknown claim",
        ),
        pytest.param(
            "line: 7}",
            'line: 8}\n      - {id: a, printed: "61 91"}',
            "t1.a.miou: id: found it twice; expected: an id of its own",
            id="claim id twice",
        ),
        pytest.param(
            "60.1 90.2",
            "60.1",
            "t1.a: printed: found 1 tokens; expected: 2, one for each of: miou acc",
            id="too few tokens",
        ),
        pytest.param(
            "60.1 90.2",
            "60.1 90,2",
            "t1.a.acc: value: found nothing; expected: this field, as '90,2' is no number",
            id="no number",
        ),
        pytest.param(
            "line: 7",
            "cells: {mIoU: {line: 7}}",
            "t1.a: cells: found 'mIoU'; expected: one such as miou",
            id="unknown column",
        ),
        pytest.param(
            "    columns: [{id: miou, metric: miou}, {id: acc, metric: pixel_accuracy}]\n",
            "    columns: [{id: miou, metric: miou}, {id: miou, metric: pixel_accuracy}]\n",
            "columns with names of their own, not miou, miou",
            id="column twice",
        ),
        pytest.param(
            "    columns: [{id: miou, metric: miou}, {id: acc, metric: pixel_accuracy}]\n",
            '    class_iou: "1 2"\n',
            "groups[t1].class_iou: found '1 2'; expected: no such field",
            id="field at the wrong level",
        ),
        pytest.param(
            "    dataset: Cityscapes\n",
            "",
            "t1.a.miou: does not fit the schema Claim\n  dataset: found nothing; expected: this field",
            id="field that neither group nor row states",
        ),
        pytest.param(
            "groups:",
            "variants: {net: our_net}\ngroups:",
            "variants: found 'net'; expected: one such as Net",
            id="variant of a model that no claim names",
        ),
        pytest.param(
            "groups:",
            "context_facts: [{what: layers, value: 5, document: txt, location: section 1}]\ngroups:",
            "layers: document: found 'txt'; expected: one such as text",
            id="fact from an unknown document",
        ),
        pytest.param(
            "id: some_paper",
            "id: other_paper",
            "id: found 'other_paper'; expected: 'some_paper', as the file is named",
            id="id is not the file's name",
        ),
    ],
)
def test_a_wrong_manifest_gives_file_field_found_and_expected(manifests, right, wrong, expected):
    assert GOOD.count(right) == 1
    path = manifests / "papers/some_paper.yaml"
    path.write_text(GOOD.replace(right, wrong))
    with pytest.raises(SegReproError) as raised:
        loader.claims()
    assert str(path) in str(raised.value)
    assert expected in str(raised.value)


VOC = (loader.ROOT / "datasets/voc2012.yaml").read_text()
VOC_LAYOUT = """
layout:
  images: JPEGImages/*.jpg
  labels: SegmentationClass/*.png
  names: ImageSets/Segmentation/{split}.txt
"""


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (VOC_LAYOUT, VOC_LAYOUT.replace("{split}", "train"), "the pattern of the names has no {split}"),
        (VOC_LAYOUT, VOC_LAYOUT.replace("  names", "# names"), "the pattern of the images has no {split}"),
        (VOC_LAYOUT, VOC_LAYOUT.replace("/*.", "/*/*."), "with a list file the patterns need one *"),
        (VOC_LAYOUT, VOC_LAYOUT.replace("Class/*", "Class/one"), "the patterns need the same number of *"),
        (
            "    splits: [test]\n",
            "    splits: [tst]\n",
            "sources belong to the splits ['tst'], which splits does not have",
        ),
        (
            "      names: test/ImageSets/Segmentation/{split}.txt\n",
            "",
            "splits.test.layout: found {'images': 'test/JPEGImages/*.jpg'",
        ),
        (
            "    md5: 82b4d87ceb2ed10f6038a1cba92111cb\n",
            "",
            "benchmark.tgz has addresses, so it needs a sha256, sha1 or md5",
        ),
    ],
)
def test_a_wrong_layout_or_source_of_a_dataset_is_told(manifests, right, wrong, expected):
    assert VOC.count(right) == 1
    (manifests / "datasets").mkdir()
    (manifests / "datasets/voc2012.yaml").write_text(VOC.replace(right, wrong))
    with pytest.raises(SegReproError) as raised:
        loader.dataset("voc2012")
    assert expected in str(raised.value)


def test_a_split_that_may_be_left_out_needs_a_list(manifests):
    content = yaml.safe_load(VOC)
    content["splits"]["test"]["layout"] = {"images": "{split}/*.jpg", "labels": "{split}/*.png"}
    (manifests / "datasets").mkdir()
    (manifests / "datasets/voc2012.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(
        SegReproError, match=r"the splits \['test'\] may be left out, so their layout needs a list file"
    ):
        loader.dataset("voc2012")


def test_every_wrong_field_is_told_at_once(manifests):
    path = manifests / "papers/some_paper.yaml"
    path.write_text(GOOD.replace("title", "titel").replace("year: 2020", "year: twenty"))
    with pytest.raises(SegReproError) as raised:
        loader.papers()
    told = [line.strip().partition(":")[0] for line in str(raised.value).splitlines()[1:]]
    assert told == ["title", "year", "titel"]


def test_a_missing_manifest_tells_what_there_is(manifests):
    (manifests / "datasets").mkdir()
    (manifests / "datasets/here.yaml").write_text("")
    with pytest.raises(SegReproError, match=r"ther\.yaml: no such file; found in the same folder: here"):
        loader.dataset("ther")


def test_an_empty_manifest_is_told(manifests):
    (manifests / "datasets").mkdir()
    (manifests / "datasets/here.yaml").write_text("")
    with pytest.raises(
        SegReproError, match=r"\(whole file\): found None; expected: a mapping of field names to values"
    ):
        loader.dataset("here")


def test_text_that_is_not_utf_8_is_told(manifests):
    path = manifests / "papers/some_paper.yaml"
    path.write_bytes(GOOD.replace("A. Author", "Å. Author").encode("latin-1"))
    with pytest.raises(SegReproError, match=r"some_paper\.yaml: found .* at byte \d+; expected: UTF-8 text"):
        loader.papers()
