from decimal import Decimal
from pathlib import Path

import evidence_factory as make
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data_manifests.schemas.evidence import Run
from data_manifests.schemas.suite import SuiteComparison, Tolerance
from reports.judging.evidence import Measurement
from reports.judging.verdicts import Context, judge

SPEEDUP = {"metric": "speedup_vs:Other", "baseline": "other_net", "unit": "times", "value": 22.0, "as_printed": "22"}
COMPARED = SuiteComparison(
    id="net-latency", quantity="latency", models=("net_small", "other_net"), size=(512, 256), claims=("open",)
)
RELATIVE = Tolerance(reproduced=0.1, close=0.3, relative=True)
SIDE_BY_SIDE = {"metric": "speedup_vs:other_net", "unit": "times", "protocol": None, "split": None, "run": None}
DELTA = {"metric": "miou_delta_vs:Other", "baseline": "other_net", "unit": "pp"}
SUBTRACTED = SuiteComparison(id="net-miou", quantity="miou", models=("net_small", "other_net"))
AT_SCALE = {"paper_scale_models": frozenset({"net_small"})}
ORDER = ("reproduced", "close", "differs")
TOLERANCE = Tolerance(reproduced=0.02, close=0.5)
property_test = settings(deadline=None, derandomize=True, max_examples=200)
hundredths = st.integers(0, 10_000).map(lambda n: n / 100)


def measured(value: float | None, **changes: object) -> Measurement:
    run = Run(model="net_small", dataset="streets", route="official", seed=0)
    fields = {
        "metric": "miou", "value": value, "interval": None, "unit": "percent", "protocol": "authors", "split": "test",
        "model": "net_small", "run": run, "evidence": Path("evaluation.json"),
    }  # fmt: skip
    return Measurement(**fields | changes)  # type: ignore[arg-type]


def context(**changes: object) -> Context:
    fields = {
        "dataset": make.dataset(), "stages": ("structure", "accuracy"),
        "page_models": frozenset({"net_small"}), "suite_models": frozenset({"net_small", "net_large"}),
        "paper_scale_models": frozenset(),
    }  # fmt: skip
    return Context(**fields | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claimed", "found", "verdict"),
    [
        ({}, 55.64, "reproduced"),
        ({}, 55.66, "reproduced"),
        ({}, 55.62, "reproduced"),
        ({}, 55.6601, "close"),
        ({}, 56.14, "close"),
        ({}, 56.1401, "differs"),
        ({}, 12.0, "differs"),
        ({"value": 0.5564, "as_printed": "0.5564", "unit": "fraction"}, 55.66, "reproduced"),
        ({"value": 0.5564, "as_printed": "0.5564", "unit": "fraction"}, 55.67, "close"),
        ({"value": 55.0, "as_printed": "55", "bound": "approx"}, 55.52, "reproduced"),
        ({"value": 55.0, "as_printed": "55", "bound": "approx"}, 55.53, "close"),
        ({"bound": "at_most"}, 3.0, "reproduced"),
        ({"bound": "at_most"}, 55.7, "close"),
        ({"bound": "less_than"}, 55.5, "reproduced"),
        ({"bound": "less_than"}, 57.0, "differs"),
        ({"bound": "more_than"}, 80.0, "reproduced"),
        ({"bound": "more_than"}, 55.0, "differs"),
        ({"value": 50.0, "value_max": 60.0, "as_printed": ("50", "60"), "bound": "range"}, 54.0, "reproduced"),
        ({"value": 50.0, "value_max": 60.0, "as_printed": ("50", "60"), "bound": "range"}, 60.3, "close"),
    ],
)
def test_verdict_follows_from_the_distance_to_what_the_claim_allows(claimed, found, verdict):
    assert judge(make.claim(**claimed), measured(found), TOLERANCE, context()).verdict == verdict


@pytest.mark.parametrize(
    ("printed", "counted", "verdict"),
    [
        ("0.364", 0.364569, "reproduced"),
        ("0.365", 0.364569, "reproduced"),
        ("0.363", 0.364569, "close"),
        ("0.36", 0.364569, "reproduced"),
        ("0.3", 0.364569, "reproduced"),
        ("0.400", 0.364569, "differs"),
    ],
)
def test_parameters_are_compared_with_the_digits_that_the_paper_prints(printed, counted, verdict):
    claim = make.claim(metric="params_m", unit="million", value=float(printed), as_printed=printed, scoring=None)
    found = measured(counted, metric="params_m", unit="million", protocol=None, split=None)
    judged = judge(claim, found, Tolerance(reproduced=0.0005, close=0.005), context())
    assert judged.verdict == verdict
    assert "0.364569" in judged.reason


@pytest.mark.parametrize(
    ("claimed", "interval", "said"),
    [
        ({}, (53.0, 57.5), "is inside the measurement's 95 % interval, 53 to 57.5."),
        ({}, (55.64, 57.5), "is inside"),
        ({}, (55.65, 57.5), "is outside the measurement's 95 % interval, 55.65 to 57.5."),
        ({"value": 0.5564, "as_printed": "0.5564", "unit": "fraction"}, (53.0, 57.5), "is inside"),
        ({"value": 55.0, "as_printed": "55", "bound": "approx"}, (55.5, 57.5), "is inside"),
        ({"bound": "at_most"}, (55.7, 57.5), "is outside"),
        ({"value": 50.0, "value_max": 60.0, "as_printed": ("50", "60"), "bound": "range"}, (59.0, 62.0), "is inside"),
    ],
)
def test_a_reason_says_whether_the_interval_has_room_for_the_claim(claimed, interval, said):
    judged = judge(make.claim(**claimed), measured(56.0, interval=interval), TOLERANCE, context())
    assert said in judged.reason


def test_without_an_interval_a_reason_names_none():
    assert "interval" not in judge(make.claim(), measured(56.0), TOLERANCE, context()).reason


@property_test
@given(value=hundredths, difference=hundredths)
def test_verdict_does_not_care_about_the_sign_of_the_difference(value, difference):
    assume(difference <= value)
    claim = make.claim(value=value, as_printed=f"{value:.2f}")
    above = float(Decimal(str(value)) + Decimal(str(difference)))
    below = float(Decimal(str(value)) - Decimal(str(difference)))
    judged = [judge(claim, measured(found), TOLERANCE, context()).verdict for found in (above, below)]
    assert judged[0] == judged[1]


@property_test
@given(value=hundredths, allowed=hundredths, wider=hundredths)
def test_tolerances_include_their_ends(value, allowed, wider):
    claim = make.claim(value=value, as_printed=f"{value:.2f}")
    end = Decimal(str(allowed))
    wider_end = end + Decimal(str(wider))
    tolerance = Tolerance(reproduced=allowed, close=float(wider_end))
    at_end, at_wider_end = (measured(float(Decimal(str(value)) + e)) for e in (end, wider_end))
    assert judge(claim, at_end, tolerance, context()).verdict == "reproduced"
    assert judge(claim, at_wider_end, tolerance, context()).verdict in ("reproduced", "close")


@property_test
@given(
    claimed=hundredths, found=hundredths, allowed=hundredths, close=hundredths, more=hundredths,
    bound=st.sampled_from(["exact", "approx", "at_most", "less_than", "more_than"]),
)  # fmt: skip
def test_wider_tolerance_never_worsens_a_verdict(claimed, found, allowed, close, more, bound):
    claim = make.claim(value=claimed, as_printed=f"{claimed:.2f}", bound=bound)
    narrow = judge(claim, measured(found), Tolerance(reproduced=allowed, close=close), context()).verdict
    wide = judge(claim, measured(found), Tolerance(reproduced=allowed + more, close=close + more), context()).verdict
    assert ORDER.index(wide) <= ORDER.index(narrow)


@pytest.mark.parametrize(
    ("claimed", "found", "around", "verdict", "said"),
    [
        ({"variant": None}, None, {}, "not run", "It is not certain which model"),
        ({}, None, {"dataset": make.dataset(availability="not public")}, "not run", "not public"),
        ({"variant": "net_huge"}, None, {}, "not run", "has a run of net_huge"),
        ({"variant": "net_large"}, None, {}, "not run", "This page has no run of net_large"),
        ({"metric": "miou_delta_vs:Other"}, None, {}, "not run", "No comparison with Other"),
        (SPEEDUP, None, {}, "not run", "No comparison with Other is planned for this page"),
        (SPEEDUP, None, {"comparisons": (COMPARED,)}, "not run", "--config stages=structure,accuracy,efficiency"),
        (SPEEDUP, None, {"comparisons": (COMPARED,), "stages": ("efficiency",)}, "not run", "net-latency has not been"),
        (SPEEDUP | {"variant": None}, None, {"comparisons": (COMPARED,)}, "not run", "It is not certain which model"),
        (SPEEDUP | {"variant": None, "id": "open"}, None, {"comparisons": (COMPARED,)}, "not run", "efficiency"),
        (DELTA, None, {"comparisons": (SUBTRACTED,)}, "not run", "net-miou has not been"),
        (DELTA, None, {"comparisons": (SUBTRACTED,), "stages": ("structure",)}, "not run", "=structure,accuracy."),
        (DELTA, None, {"comparisons": (SUBTRACTED,), "paper_scale_models": frozenset({"other_net"})}, "not run",
         "--config stages=structure,accuracy,training."),
        ({"metric": "fps", "variant": "net_large"}, None, {}, "not run", "no run of net_large"),
        ({}, None, {"stages": ("structure",)}, "not run", "=structure,accuracy."),
        ({"metric": "params_m"}, None, {"stages": ("accuracy",)}, "not run", "built without the stage “structure”"),
        ({}, None, AT_SCALE | {"stages": ("efficiency",)}, "not run", "=efficiency,accuracy,training."),
        ({}, None, {"dataset": make.dataset(splits={"test": {"images": 1, "labels": "hidden"}})}, "not run",
         "not public"),
        ({}, None, {"dataset": make.dataset(login={"account_url": "u", "instructions": "Register."})}, "not run",
         "needs a login. Register."),
        ({}, None, AT_SCALE, "not run", "built without full training by the paper's recipe"),
        ({}, None, AT_SCALE | {"stages": ("structure",)}, "not run", "--config stages=structure,accuracy,training"),
        ({}, None, AT_SCALE | {"stages": ("structure", "accuracy", "training")}, "not run", "no evaluation"),
        ({"metric": "params_m"}, None, AT_SCALE, "not run", "no profile"),
        ({}, None, {"dataset": make.dataset(login={"account_url": None, "instructions": "Download."})}, "not run",
         "downloaded by hand. Download."),
        ({}, None, {"placed_weights": {"net_small": "Download it."}}, "not run", "downloaded by hand. Download it."),
        ({}, None, {}, "not run", "no evaluation"),
        ({"metric": "params_m"}, None, {}, "not run", "no profile"),
        ({}, measured(None), {}, "not comparable", "Undefined"),
        ({"unit": "pp"}, measured(55.64), {}, "not comparable", "The claim is in pp"),
        ({"split": "test (per figure)", "split_read_as": "test"}, None,
         {"dataset": make.dataset(splits={"test": {"images": 1, "labels": "hidden"}})}, "not run",
         "reports/server/README.md. The paper only implies the split: “test (per figure)”."),
        ({"split": "not stated"}, None, AT_SCALE, "not run", "shown next to the claim, but not judged"),
        ({"split": "not stated"}, measured(55.64), {}, "not comparable", "“not stated”"),
        ({"own": False, "role": "comparison", "citation": "[7]"}, measured(55.64), {}, "quoted", "[7]"),
    ],
)  # fmt: skip
def test_reason_says_why_a_claim_is_not_judged(claimed, found, around, verdict, said):
    judged = judge(make.claim(**claimed), found, TOLERANCE, context(**around))
    assert judged.verdict == verdict
    assert said in judged.reason


def test_metric_without_a_tolerance_is_not_judged():
    assert (
        judge(make.claim(metric="iiou"), None, None, context()).reason
        == "The suite does not measure this quantity: iiou."
    )
    assert judge(make.claim(metric="train_time"), None, None, context()).verdict == "not run"
    assert judge(make.claim(), measured(55.64), None, context()).verdict == "not comparable"


def test_reason_gives_the_numbers_and_whose_scoring_it_is():
    stated = judge(make.claim(), measured(55.6377), TOLERANCE, context()).reason
    assert stated == (
        "55.6377 % measured, 55.64 % reported: 0.0023 percentage points apart, within the tolerance of 0.02."
    )
    unstated = judge(make.claim(scoring=None), measured(55.6377, protocol="standard"), TOLERANCE, context()).reason
    assert unstated.endswith("The paper does not state its scoring; this is the suite's protocol “standard”.")


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [(22.0, "reproduced"), (24.2, "reproduced"), (24.3, "close"), (19.8, "reproduced"), (28.6, "close"),
     (28.7, "differs")],
)  # fmt: skip
def test_ratio_is_judged_by_its_share_of_the_claim(ratio, verdict):
    found = measured(ratio, **SIDE_BY_SIDE, device="cuda", conditions="another card, in turns")
    claim = make.claim(**SPEEDUP, hardware="a graphics card")
    judged = judge(claim, found, Tolerance(reproduced=0.1, close=0.3, relative=True), context())
    assert judged.verdict == verdict
    assert judged.reason.endswith(" Measured: another card, in turns. The paper's machine: a graphics card.")


@pytest.mark.parametrize("hardware", ["standard GPU (model not stated)", "1x GTX 1080Ti", None])
def test_ratio_of_a_processor_says_nothing_about_that_of_a_graphics_card(hardware):
    found = measured(44.619, **SIDE_BY_SIDE, device="cpu", interval=(44.04, 45.16), conditions="a processor, in turns")
    judged = judge(make.claim(**SPEEDUP, hardware=hardware), found, RELATIVE, context())
    assert (judged.verdict, judged.difference) == ("not comparable", None)
    assert judged.reason.startswith(
        "44.62 times (95 % interval of this run 44.04 to 45.16) measured (a processor, in turns), 22 times reported "
        f"({hardware or 'machine not stated'}). "
    )
    same_kind = judge(make.claim(**SPEEDUP, hardware="a CPU of 8 cores"), found, RELATIVE, context())
    assert same_kind.verdict == "differs"
    assert " outside the measurement's 95 % interval of this run, 44.04 to 45.16." in same_kind.reason


@pytest.mark.parametrize("quantity", ["train_memory_reduction", "activation_memory_reduction"])
def test_memory_counted_from_shapes_is_not_what_a_device_held(quantity):
    claim = make.claim(
        metric=f"{quantity}_vs:Other", baseline="other_net", value=10, value_max=20, as_printed=("10", "20"),
        bound="range", unit="percent less", hardware="a graphics card", protocol={"framework": "Caffe"},
    )  # fmt: skip
    found = measured(
        39.57641, **SIDE_BY_SIDE | {"unit": "percent less"}, counted=True, conditions="saved activations at 500x500"
    )
    judged = judge(claim, found, Tolerance(reproduced=2, close=50), context())
    assert (judged.verdict, judged.difference) == ("not comparable", None)
    assert judged.reason == (
        "39.58 percent less counted from tensor shapes (saved activations at 500x500), 10 to 20 percent less reported"
        " for memory in use on a device (machine: a graphics card; framework: Caffe; image size: not stated; batch"
        " size: not stated). These are two different quantities."
    )


@pytest.mark.parametrize(("found", "verdict"), [(12.5, "reproduced"), (22.0, "close"), (39.6, "differs")])
def test_memory_that_a_device_held_is_judged(found, verdict):
    claim = make.claim(
        metric="train_memory_reduction_vs:Other", baseline="other_net", value=10, value_max=20,
        as_printed=("10", "20"), bound="range", unit="percent less", hardware="NVIDIA Pascal GPUs",
    )  # fmt: skip
    number = measured(
        found, **SIDE_BY_SIDE | {"unit": "percent less"}, device="cuda", conditions="peak memory of a training step"
    )
    judged = judge(claim, number, Tolerance(reproduced=1, close=5), context())
    assert judged.verdict == verdict
    assert judged.reason.endswith(" Measured: peak memory of a training step. The paper's machine: NVIDIA Pascal GPUs.")


def test_what_is_counted_is_not_called_measured_and_has_its_unit():
    claim = make.claim(
        metric="size_ratio_vs:Other", baseline="other_net", value=180, as_printed="180", unit="times smaller"
    )
    found = measured(179.9465, **SIDE_BY_SIDE, counted=True, conditions="net_small against other_net, parameters")
    judged = judge(claim, found, Tolerance(reproduced=0.01, close=0.1, relative=True), context())
    assert judged.reason.startswith("179.9465 times smaller counted, 180 times smaller reported: 0.0535 apart, ")
    assert " Counted: net_small against other_net, parameters." in judged.reason
    assert "easured" not in judged.reason


@pytest.mark.parametrize(
    ("printed", "found", "verdict", "said"),
    [
        ("55.6", 55.649, "reproduced", "apart, within half of the last printed digit, 0.05."),
        ("55.6", 55.551, "reproduced", "within half"),
        ("55.6", 55.651, "close", "more than 0.05, at most 0.5."),
        ("56", 55.51, "reproduced", "within half of the last printed digit, 0.5."),
        ("55.64", 55.65, "reproduced", "within the tolerance of 0.02."),
        ("55.64", 55.661, "close", "more than 0.02, at most 0.5."),
    ],
)
def test_what_prints_as_the_claim_is_reproduced(printed, found, verdict, said):
    claim = make.claim(value=float(printed), as_printed=printed)
    judged = judge(claim, measured(found), TOLERANCE, context())
    assert judged.verdict == verdict
    assert said in judged.reason
    fraction = make.claim(value=float(printed) / 100, as_printed=f"0.{printed.replace('.', '')}", unit="fraction")
    assert judge(fraction, measured(found), TOLERANCE, context()).verdict == verdict


def test_what_a_claim_leaves_to_rounding_is_allowed_for_once():
    approx = make.claim(value=55.6, as_printed="55.6", bound="approx")
    assert judge(approx, measured(55.669), TOLERANCE, context()).verdict == "reproduced"
    assert judge(approx, measured(55.671), TOLERANCE, context()).verdict == "close"
    at_most = make.claim(value=55.6, as_printed="55.6", bound="at_most")
    assert judge(at_most, measured(55.63), TOLERANCE, context()).verdict == "close"
    derived = make.claim(value=16.0, as_printed=("2", "8"), derivation="2*8")
    assert judge(derived, measured(16.03), TOLERANCE, context()).verdict == "close"


def test_reason_says_how_the_network_was_read():
    said = " Why net_small: the code has it in disabled lines."
    claim = make.claim(variant_why="the code has it in disabled lines")
    assert said in judge(claim, measured(55.64), TOLERANCE, context()).reason
    assert "Why" not in judge(make.claim(), measured(55.64), TOLERANCE, context()).reason


def test_reason_says_why_the_baseline_is_the_network_that_it_is():
    said = " Why other_net: it was chosen to fit."
    claim = make.claim(**SPEEDUP, baseline_why="it was chosen to fit", hardware="a graphics card")
    for device in ("cuda", "cpu"):
        assert said in judge(claim, measured(22.0, **SIDE_BY_SIDE, device=device), RELATIVE, context()).reason
    assert "Why" not in judge(make.claim(**SPEEDUP), measured(22.0, **SIDE_BY_SIDE), RELATIVE, context()).reason


def test_reason_says_what_the_rules_of_a_score_were_inferred_from():
    known = make.protocols()
    inferred = known["authors"].model_copy(update={"inferred": "the figure itself"})
    said = "No source states the protocol “void as a class”; it was inferred from the figure itself."
    for authors, expected in ((inferred, True), (known["authors"], False)):
        around = context(protocols=known | {"authors": authors})
        assert (said in judge(make.claim(), measured(55.64), TOLERANCE, around).reason) == expected


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("test (implied, not stated)", " The paper only implies the split: “test (implied, not stated)”."),
        ("val", " What the paper calls “val” is the split “test” of the suite."),
    ],
)
def test_a_split_under_another_name_is_judged_and_the_reading_said(printed, said):
    claim = make.claim(split=printed, split_read_as="test")
    judged = judge(claim, measured(55.64), TOLERANCE, context())
    assert (judged.verdict, judged.reason.endswith(said)) == ("reproduced", True)
    assert judge(claim, measured(55.64, split="val"), TOLERANCE, context()).verdict == "not comparable"
    assert said not in judge(make.claim(), measured(55.64), TOLERANCE, context()).reason


@pytest.mark.parametrize(
    ("weights", "found", "verdict"),
    [
        ("retrained", 56.14, "reproduced"),
        ("retrained", 55.1, "close"),
        ("retrained", 57.14, "close"),
        ("retrained", 57.2, "differs"),
        ("official", 56.14, "close"),
        ("official", 57.14, "differs"),
    ],
)
def test_weights_trained_here_are_allowed_what_another_seed_does(weights, found, verdict):
    tolerance = Tolerance(reproduced=0.02, close=0.5, retrained={"reproduced": 0.5, "close": 1.5})
    trained = ("streets/net_small",) if weights == "retrained" else ()
    judged = judge(make.claim(), measured(found, trained=trained), tolerance, context())
    assert judged.verdict == verdict
    assert ("another seed than the authors'" in judged.reason) == (weights == "retrained")
    same_for_all = judge(make.claim(), measured(found, trained=trained), TOLERANCE, context())
    assert same_for_all.verdict == judge(make.claim(), measured(found), TOLERANCE, context()).verdict


@pytest.mark.parametrize(
    ("claimed", "found", "difference"),
    [
        ({}, 55.7, 0.06),
        ({}, 55.6, -0.04),
        ({"value": 0.5564, "as_printed": "0.5564", "unit": "fraction"}, 55.7, 0.0006),
        ({"bound": "at_most"}, 3.0, 0),
        ({"bound": "at_most"}, 55.7, 0.06),
        ({"bound": "more_than"}, 55.6, -0.04),
        ({"value": 10.0, "value_max": 20.0, "as_printed": ("10", "20"), "bound": "range"}, 15.0, 0),
        ({"value": 10.0, "value_max": 20.0, "as_printed": ("10", "20"), "bound": "range"}, 39.58, 19.58),
        ({"value": 10.0, "value_max": 20.0, "as_printed": ("10", "20"), "bound": "range"}, 9.5, -0.5),
        ({"unit": "pp"}, 55.64, None),
        ({"split": "not stated"}, 55.64, None),
    ],
)
def test_difference_is_the_signed_distance_to_what_the_claim_allows(claimed, found, difference):
    judged = judge(make.claim(**claimed), measured(found), TOLERANCE, context())
    assert judged.difference == difference
    assert (difference is None) == (judged.verdict not in ORDER)
    assert difference is None or f": {abs(difference):g}" in judged.reason


@pytest.mark.parametrize("stages", [("structure", "accuracy"), ("efficiency",)])
def test_a_speed_without_a_measurement_is_not_run(stages):
    judged = judge(make.claim(metric="fps", hardware="a card"), None, None, context(stages=stages))
    assert judged.verdict == "not run"
    left_out = "built without the stage “efficiency”. To include it, build with --config stages=structure,accuracy,eff"
    assert ("net_small has not been timed yet." if stages == ("efficiency",) else left_out) in judged.reason
    assert "shown next to the paper's but not judged" in judged.reason
    assert judged.reason.endswith(" The paper's machine: a card.")


def test_frames_per_second_of_another_machine_are_shown_and_never_judged():
    claim = make.claim(metric="fps", unit="fps", value=112, as_printed="112", hardware="GTX 1080 Ti")
    found = measured(112.0, metric="fps", unit="fps", protocol=None, split=None, conditions="a processor at 480x360")
    judged = judge(claim, found, Tolerance(reproduced=10, close=20), context())
    assert judged.verdict == "not comparable"
    assert judged.difference is None
    assert judged.reason.endswith("The paper's machine: GTX 1080 Ti. Ours: a processor at 480x360.")
    nothing = judge(claim, found._replace(value=None, conditions="a processor; out of memory"), None, context())
    assert nothing == ("not run", "Nothing could be timed: a processor; out of memory.", None)


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("512x512", "GTX 1080 Ti at 512x512."),
        ("mIoU: not stated; FPS: 768x1536 per a figure", "GTX 1080 Ti at 768x1536."),
        ("1024x2048", "GTX 1080 Ti."),
        ("2048x1024 (WxH)", "GTX 1080 Ti."),
        ("not stated", "GTX 1080 Ti."),
    ],
)
def test_the_size_that_a_speed_was_claimed_at_is_named_where_it_is_another(stated, said):
    claim = make.claim(metric="fps", unit="fps", hardware="GTX 1080 Ti", protocol={"image_size": stated})
    found = measured(2.0, metric="fps", unit="fps", protocol=None, split=None, size=(2048, 1024), conditions="a card")
    assert f" The paper's machine: {said} Ours: a card." in judge(claim, found, None, context()).reason
