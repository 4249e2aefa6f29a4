"""What follows from other numbers is worked out exactly, and judged by how the claim is printed."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn

from data_manifests import loader
from data_manifests.schemas.arithmetic import Arithmetic
from data_manifests.schemas.evidence import Profile
from data_manifests.validation import validate
from reports.judging import arithmetic
from reports.judging.arithmetic import Result, check, deciding
from reports.judging.counts import counts, read_counts
from segrepro.errors import SegReproError
from tests import evidence_factory as make

PROJECT = Path(__file__).resolve().parents[1]
# As the suite counts them; the slow test below counts again.
PARAMETERS = {
    "cityscapes/espnet_p2q8": 364569,
    "cityscapes/espnetc_p2q3": 187529,
    "voc2012/fcn2s_dilated_vgg16": 50516985,
    "voc2012/fcn2s_dilated_vgg19": 55826681,
    "voc2012/fcn8s_vgg16": 134489759,
}
TRAINING_BYTES = {
    "cityscapes/ladder_densenet121_2017_full_resolution": 12876968196,
    "cityscapes/ladder_densenet169_2017_full_resolution": 14839106756,
}
COUNTS = {(name, "parameters"): Decimal(count) for name, count in PARAMETERS.items()} | {
    (name, "training_memory"): Decimal(count) for name, count in TRAINING_BYTES.items()
}


@pytest.fixture(scope="module")
def claims():
    return {claim.id: claim for claim in loader.claims()}


@pytest.fixture(scope="module")
def results(claims) -> tuple[Result, ...]:
    return check(loader.arithmetic().values(), claims, COUNTS)


@pytest.fixture(scope="module")
def by_claim(results) -> dict[str, Result]:
    return {result.claim: result for result in results}


def _values(result: Result, places: int) -> list[float]:
    return [float(case.value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)) for case in result.cases]


# ---- what must come out ----

CONSISTENT, NOT, REPRODUCED = "consistent", "not reproduced", "reproduced"
EXPECTED = {
    "espnet.poster.voc.params-ratio-segnet": (REPRODUCED, 2, [80.79]),
    "espnet.poster.encoder.params": (CONSISTENT, 6, [0.186512]),
    "espnet.readme.acc-vs-enet": (CONSISTENT, 3, [2.036, -7.964]),
    "espnet.tracker.cs-test.miou": (CONSISTENT, 3, [60.336]),
    "fcn2s.page.params-ratio": (NOT, 3, [0.376, 0.415]),
    "ldn17.text.train-memory.densenet-121": (CONSISTENT, 1, [12.9]),
    "ldn17.text.train-memory.densenet-169": (CONSISTENT, 1, [14.8]),
    "ldn17.text.ladder-vs-dilated": (CONSISTENT, 2, [1.26]),
    "ldn17.text.aux-loss": (CONSISTENT, 2, [1.09]),
    "ldn17.text.scratch-loss": (CONSISTENT, 2, [10.50]),
    "ldn17.t5.ladder-densenet-169-4x.miou": (CONSISTENT, 2, [74.55]),
    "ldn17.t2.densenet-169.params": (NOT, 2, [14.15, 12.48]),
    "ldn17.t2.resnet-50.params": (CONSISTENT, 2, [25.56, 23.51]),
    "ldn17.t2.resnet-101.params": (CONSISTENT, 2, [44.55, 42.50]),
    "ldn17.text.vgg-d-dilated.feature-maps": (CONSISTENT, 1, [33.0, 35.4]),
    "ldn17.text.densenet-params-ratio": (CONSISTENT, 2, [3.46, 3.13]),
    "shelf.text.speedup-pspnet": (CONSISTENT, 2, [5.36, 3.82]),
    "shelf.text.speedup-encnet": (CONSISTENT, 2, [4.92, 3.50]),
    "shelf.text.speedup-offline": (NOT, 2, [4.21, 3.00, 4.54, 3.23, 5.36, 3.82, 7.38, 5.25, 4.92, 3.50]),
    "shelf.later-abstract.speedup-pspnet": (CONSISTENT, 2, [5.36, 3.82]),
    "shelf.text.delta-enet": (CONSISTENT, 1, [7.5, 17.5]),
    "shelf.text.delta-icnet": (CONSISTENT, 1, [6.3, 5.2]),
    "shelf.text.rank": (CONSISTENT, 0, [2]),
    "shelf.text.paths-own": (REPRODUCED, 0, [29]),
    "shelf.imgvoc.shelfnet50.iou.bicycle": (None, 2, [-2.13]),
    "shelf.imgvoc.shelfnet101.iou.bicycle": (None, 2, [-0.33]),
    "shelf.imgvoc.refinenet.miou": (None, 1, [79.7]),
}


@pytest.mark.parametrize("claim", EXPECTED)
def test_a_claim_that_follows_from_other_numbers_has_its_value_and_outcome(claim, by_claim):
    outcome, places, values = EXPECTED[claim]
    assert _values(by_claim[claim], places) == values
    assert by_claim[claim].outcome == outcome


def test_every_row_of_table_2_is_the_mean_of_its_classes(by_claim):
    means = [result for claim, result in by_claim.items() if claim.startswith("shelf.t2.")]
    assert len(means) == 15
    assert {result.outcome for result in means} == {CONSISTENT}
    assert by_claim["shelf.t2.multi-path-network50.miou"].cases[0].text.endswith("72.2) / 19 = 72.370")


def test_a_printed_number_is_rounded_or_cut_and_the_result_says_which(by_claim):
    ways = {claim: by_claim[f"ldn17.t2.{claim}.params"].cases[0].agrees for claim in ("resnet-50", "resnet-101")}
    assert ways == {"resnet-50": "cut", "resnet-101": "rounded"}
    assert by_claim["espnet.poster.encoder.params"].cases[0].agrees == "cut"
    assert by_claim["espnet.poster.voc.params-ratio-segnet"].cases[0].agrees == "rounded"


def test_the_rank_is_second_only_in_the_paper_s_own_table(by_claim):
    rank = by_claim["shelf.text.rank"]
    assert [case.value for case in rank.beside] == [4]
    assert "76.1, 76.9" in rank.beside[0].text


def test_six_scales_lower_a_class_only_where_a_check_says_so(claims, by_claim):
    lower = {
        name
        for row in ("shelf.imgvoc.shelfnet50", "shelf.imgvoc.shelfnet101")
        for name, claim in claims.items()
        if name.startswith(f"{row}.iou.") and claim.value < claims[name.replace(row, f"{row}-ss")].value
    }
    assert {claim for claim in by_claim if ".iou." in claim} == lower
    gains = {case.value for claim in lower for case in by_claim[claim].beside}
    assert gains == {Decimal("0.9"), Decimal("1.1")}


def test_a_formula_is_shown_with_its_numbers(by_claim):
    shown = {claim: by_claim[claim].cases[0].text for claim in EXPECTED}
    assert shown["espnet.poster.voc.params-ratio-segnet"] == "29 455 125 / 364 569 = 80.79"
    assert shown["espnet.poster.encoder.params"] == "(187 529 − 1 017) / 1 000 000 = 0.18651"  # noqa: RUF001
    assert shown["ldn17.text.scratch-loss"] == "72.82 − 62.32 = 10.50"  # noqa: RUF001
    assert shown["shelf.text.paths-own"] == "4 × 4 + 3 × 3 + 2 × 2 = 29"  # noqa: RUF001
    assert shown["shelf.text.speedup-offline"] == "59 / 14 = 4.21"
    assert shown["ldn17.t5.ladder-densenet-169-4x.miou"] == "74.55"


def test_agreement_of_printed_numbers_is_no_reproduction(by_claim):
    assert arithmetic.FROM_PRINTED in by_claim["ldn17.text.aux-loss"].capped
    assert arithmetic.ONLY_A_BOUND in by_claim["ldn17.text.train-memory.densenet-121"].capped
    assert by_claim["espnet.poster.voc.params-ratio-segnet"].capped == ()
    counted = by_claim["espnet.poster.encoder.params"]
    assert counted.capped == ()
    assert any(reading.fitted for reading in counted.readings)


def test_of_what_is_not_counted_the_record_says_so(claims):
    uncounted = check(loader.arithmetic().values(), claims, {})
    result = deciding(uncounted)["fcn2s.page.params-ratio"]
    assert result.outcome is None
    assert result.missing == (
        "parameters of voc2012/fcn2s_dilated_vgg16: not yet counted",
        "parameters of voc2012/fcn8s_vgg16: not yet counted",
        "parameters of voc2012/fcn2s_dilated_vgg19: not yet counted",
    )
    assert result.cases[0].text.endswith("= ?")
    without = {r.claim for r in uncounted if r.decides and r.outcome is None}
    assert without == {
        "espnet.poster.voc.params-ratio-segnet",
        "espnet.poster.encoder.params",
        "fcn2s.page.params-ratio",
        "ldn17.text.train-memory.densenet-121",
        "ldn17.text.train-memory.densenet-169",
    }


def test_about_twenty_own_claims_are_decided(results, claims):
    own = [result for result in results if result.decides and claims[result.claim].own]
    outcomes = [result.outcome for result in own]
    assert {outcome: outcomes.count(outcome) for outcome in outcomes} == {REPRODUCED: 2, CONSISTENT: 21, NOT: 2}


# ---- the evaluator, at its edges ----


def _check(formula, *, claim=None, **fields) -> Result:
    stated = make.claim(**({"id": "c", "as_printed": "5", "value": 5.0} | (claim or {})))
    others = [make.claim(id=f"row.iou.{i}", value=float(i)) for i in (1, 2, 6)]
    cases = formula if isinstance(formula, list) else [{"what": "x", "formula": formula}]
    content = {"claim": "c", "cases": cases, "shows": "x"} | fields
    manifest = validate({"id": "some_paper", "checks": [content]}, Arithmetic, "test")
    (result,) = check([manifest], {each.id: each for each in (stated, *others)}, {})
    return result


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ({"ratio": [10, 4]}, "2.5"),
        ({"difference": [10, 4]}, "6"),
        ({"product": [2, 3, 4]}, "24"),
        ({"sum": [1, {"product": [2, 3]}]}, "7"),
        ({"mean": [{"classes": "row"}]}, "3"),
        ({"rank": [5, 9, 5, 7]}, "3"),
        ({"equal": {"claim": "row.iou.6"}}, "6"),
        ({"difference": [0.3, 0.1]}, "0.2"),
    ],
)
def test_operations(formula, value):
    assert _check(formula).cases[0].value == Decimal(value)


@pytest.mark.parametrize(
    ("value", "agrees"),
    [
        ("4.49", None),
        ("4.5", "rounded"),
        ("5", "exactly"),
        ("5.5", "rounded"),
        ("5.51", "cut"),
        ("5.999", "cut"),
        ("6", None),
    ],
)
def test_a_number_prints_as_5_rounded_or_cut(value, agrees):
    result = _check(value)
    assert result.cases[0].agrees == agrees
    assert result.outcome == (REPRODUCED if agrees else NOT)


@pytest.mark.parametrize(
    ("bound", "value", "outcome"),
    [
        ("at_most", "5", CONSISTENT),
        ("at_most", "5.01", NOT),
        ("less_than", "5", NOT),
        ("more_than", "5", NOT),
        ("more_than", "5.01", CONSISTENT),
    ],
)
def test_a_bound_is_kept_or_broken_and_never_reproduced(bound, value, outcome):
    assert _check(value, claim={"bound": bound}).outcome == outcome


def test_of_any_the_reading_that_agrees_is_a_fitted_one():
    cases = [{"what": "this", "formula": 5}, {"what": "that", "formula": 8}]
    assert _check(cases).outcome == NOT
    result = _check(cases, needs="any")
    assert result.outcome == CONSISTENT
    (reading,) = result.readings
    assert reading.fitted
    assert reading.text.endswith("read as: this")
    assert _check([{"what": "that", "formula": 8}], needs="any").outcome == NOT


def test_bounds_of_a_check_take_the_place_of_the_printed_digits():
    accepts = {"low": 2, "high": 3, "why": "x"}
    outcomes = [_check(value, accepts=accepts).outcome for value in ("1.99", "2", "3", "3.01", "5")]
    assert outcomes == [NOT, REPRODUCED, REPRODUCED, NOT, NOT]


# ---- the data ----


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"rato": [1, 2]}, r"cases\[0\]\.formula"),
        ({"ratio": [1]}, r"ratio"),
        ({"known": "nothing"}, "nothing among `known`"),
    ],
)
def test_a_wrong_formula_is_told_with_its_place(content, message):
    with pytest.raises(SegReproError, match=message):
        _check(content)


def test_a_claim_is_decided_once():
    twice = {"claim": "c", "cases": [{"what": "x", "formula": 1}], "shows": "x"}
    with pytest.raises(SegReproError, match="one check that decides c, not two"):
        validate({"id": "p", "checks": [twice, twice]}, Arithmetic, "test")


@pytest.mark.parametrize("names", [("claim", "no.such"), ("classes", "no.row")])
def test_a_formula_over_a_claim_that_is_not_there_is_told(names, tmp_path, monkeypatch):
    for folder in ("papers", "protocols"):
        (tmp_path / folder).symlink_to(loader.ROOT / folder)
    (tmp_path / "arithmetic").mkdir()
    (tmp_path / "arithmetic/espnet_2018.yaml").write_text(
        "id: espnet_2018\nchecks:\n  - {claim: espnet.abs.fps-gpu, shows: x, cases: [{what: x, formula: {sum:"
        f" [{{{names[0]}: {names[1]}}}]}}}}]}}\n"
    )
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    with pytest.raises(SegReproError, match=rf"espnet_2018\.yaml: espnet\.abs\.fps-gpu: x: {names[0]}: found"):
        loader.arithmetic()


def test_every_refuted_claim_is_a_finding(results):
    assert [result.claim for result in results if result.outcome == NOT and result.finding is None] == []


def test_segnet_and_the_input_reinforcement_have_the_counted_layers(by_claim):
    def block(channels_in: int, channels_out: int) -> list[nn.Module]:
        return [nn.Conv2d(channels_in, channels_out, 3), nn.BatchNorm2d(channels_out)]

    encoder = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    decoder = [*reversed(encoder[1:])]
    with torch.device("meta"):
        layers = [m for path in (encoder, decoder) for pair in pairwise(path) for m in block(*pair)]
        segnet = nn.Sequential(*layers, nn.Conv2d(64, 21, 3))
        added = [nn.Conv2d(3, 12, 3, bias=False), nn.Conv2d(3, 25, 3, bias=False)]
        reinforcement = nn.Sequential(*added, *(m for _ in range(2) for m in (nn.BatchNorm2d(3), nn.PReLU(3))))
    assert _count(segnet) == 29455125
    assert _count(reinforcement) == 1017


@pytest.mark.parametrize("name", ["densenet121", "densenet169", "resnet50", "resnet101", "resnet152"])
def test_backbones_have_the_counted_parameters(name):
    known = loader.arithmetic()["ladder_densenet_2017"].known
    with torch.device("meta"):
        network = getattr(torchvision.models, name)()
    classifier = network.fc if name.startswith("resnet") else network.classifier
    assert known[name].formula == _count(network)
    assert known[f"{name}.features"].formula == _count(network) - _count(classifier)


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


# ---- counts ----


def _profile(parameters: int) -> Profile:
    return make.profile(make.run()).model_copy(update={"parameters": parameters})


def test_counts_come_from_evidence():
    run = make.run()
    network = f"{run['dataset']}/{run['model']}"
    step = make.efficiency(run).training
    with_memory = _profile(7).model_copy(update={"training": step})
    found = counts([_profile(7), with_memory, make.efficiency(run)])
    held = step.weights + step.gradients + step.optimizer_state + step.saved_activations
    assert found == {
        (network, "parameters"): 7,
        (network, "saved_activations"): step.saved_activations,
        (network, "training_memory"): held,
    }


def test_committed_evidence_is_read():
    committed = read_counts(PROJECT / "reports/measurements")
    assert committed["camvid/espnet_p2q8", "parameters"] == 354517
    assert committed["cityscapes/espnet_p2q8", "inference_parameters"] == 364569


def test_two_different_counts_of_one_network_are_told():
    with pytest.raises(SegReproError, match=r"evidence of streets/\w+: parameters: found 1 and 2; expected one number"):
        counts([_profile(1), _profile(2)])


@pytest.mark.slow
def test_the_counts_of_this_test_are_the_suite_s():
    from mmengine.config import Config

    from mmseg_plugins.networks.network import build_network
    from mmseg_plugins.profiling.structure import count_parameters
    from mmseg_plugins.profiling.training_memory import count_training_memory

    configs = PROJECT / "mmseg_plugins/configs"
    for name, count in PARAMETERS.items():
        assert count_parameters(build_network(Config.fromfile(configs / f"{name}.py"))) == count, name
    for name, count in TRAINING_BYTES.items():
        counted = count_training_memory(Config.fromfile(configs / f"{name}.py"), 2, 1024, 2048)
        # Up to some kilobytes, which differ between versions of PyTorch.
        assert sum(counted) == pytest.approx(count, rel=1e-5), name
