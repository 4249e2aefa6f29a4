"""What readers see in place of the suite's own names."""

import re
from pathlib import Path

import pytest

from data_manifests import loader
from mmseg_plugins.evaluation.scores import metric_names
from reports.judging.evidence import QUANTITIES, measurements, read
from reports.judging.printed import with_unit
from reports.pages import wording
from segrepro.errors import SegReproError

PROJECT = Path(__file__).resolve().parents[1]


def every_metric() -> set[str]:
    """Of all claims, of what any dataset is scored by, of all comparisons and of all committed evidence."""
    claimed = {claim.metric for claim in loader.claims()}
    scored = {name for data in loader.datasets() for name in metric_names(loader.label_set_of(data), instances=True)}
    compared = {f"{quantity}_vs:other" for quantity in QUANTITIES.values()}
    files = Path("reports/measurements").glob("*/**/*.json")
    measured = {number.metric for file in files for number in measurements(read(file, committed=True))}
    return claimed | scored | compared | measured


def test_every_metric_and_protocol_has_words_that_are_not_its_key(monkeypatch):
    monkeypatch.chdir(PROJECT)
    for name in every_metric():
        assert "_" not in wording.metric(name).partition(" against ")[0]
        quantity = re.split(r"\.|_vs:", name)[0]
        assert wording.METRICS[quantity] != quantity
    for field in {field for claim in loader.claims() for field in claim.protocol or {}}:
        assert "_" not in wording.stated_field(field)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("class_iou.traffic_light", "IoU of traffic light"),
        ("size_ratio_vs:PSPNet v1.0", "size against PSPNet v1.0"),
        ("memory_reduction_vs:not stated", "memory against a network that is not named"),
    ],
)
def test_metric_names_its_class_or_the_other_network(name, words):
    assert wording.metric(name) == words


def test_metric_without_words_is_refused_with_the_way_out():
    with pytest.raises(SegReproError, match=r"found 'n_fcn_path'; expected one that .*n_fcn_paths.*Correct it"):
        wording.metric("n_fcn_path")
    with pytest.raises(SegReproError, match=r"found 'crop'; expected one that .*train_crop"):
        wording.stated_field("crop")


@pytest.mark.parametrize(
    ("number", "unit", "written"),
    [
        ("about 1", "pp", "about 1 point"),
        ("1.1", "pp lower", "1.1 points lower"),
        ("8", "percent less", "8 % less"),
        ("second", "rank by method", "second"),
        ("0.5", "fraction", "0.5"),
        ("12", "fps", "12 fps"),
    ],
)
def test_number_has_its_unit_as_a_sentence_has_it(number, unit, written):
    assert with_unit(number, unit) == written


def test_what_a_paper_states_is_written_as_words():
    assert [wording.stated(value) for value in (True, False, (0.5, 1), "not stated", 4)] == [
        "yes", "no", "0.5, 1", "not stated", "4",
    ]  # fmt: skip
