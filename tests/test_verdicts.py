"""Which rule a claim goes by, what the conditions make of it, and what the reason says."""

from pathlib import Path

import evidence_factory as make
import pytest

from data_manifests.schemas.checkpoint import Unclear
from data_manifests.schemas.evidence import Run
from data_manifests.schemas.recipe import Recipe
from data_manifests.schemas.suite import SuiteComparison, SuiteRun
from reports.judging.agreement import Spread
from reports.judging.context import Context
from reports.judging.evidence import Measurement
from reports.judging.outcome import Condition
from reports.judging.verdicts import WORDS, Judgement, judge

SPEEDUP = {"metric": "speedup_vs:Other", "baseline": "other_net", "unit": "times", "value": 22.0, "as_printed": "22"}
SIDE_BY_SIDE = {"metric": "speedup_vs:other_net", "unit": "times", "protocol": None, "split": None, "run": None,
    "weights": None}  # fmt: skip
SUBTRACTED = SIDE_BY_SIDE | {"metric": "miou_delta_vs:other_net", "unit": "pp", "protocol": "standard", "split": "test",
    "interval": (0.4, 1.9)}  # fmt: skip
TOLERANCES = make.suite().tolerances
TRAINED = ("streets/net_small",)
CARD = {"device": "cuda", "machine": "NVIDIA GeForce GTX 1080 Ti", "conditions": "a card, in turns"}


def measured(value: float | None = 55.64, **changes: object) -> Measurement:
    run = Run(model="net_small", dataset="streets", route="official", seed=0)
    fields = {
        "metric": "miou", "value": value, "interval": None, "unit": "percent", "protocol": "authors", "split": "test",
        "model": "net_small", "run": run, "evidence": Path("evaluation.json"), "weights": "official",
    }  # fmt: skip
    return Measurement(**fields | changes)  # type: ignore[arg-type]


def seeds(*values: float, **changes: object) -> list[Measurement]:
    return [
        measured(
            value, trained=TRAINED, weights="retrained",
            run=Run(model="net_small", dataset="streets", route="retrained", seed=seed), **changes,
        )
        for seed, value in enumerate(values)
    ]  # fmt: skip


def context(**changes: object) -> Context:
    fields = {
        "dataset": make.dataset(), "stages": ("structure", "accuracy"),
        "runs": (SuiteRun(model="net_small", route="official"),), "suite_models": frozenset({"net_small"}),
        "recipes": {}, "protocols": make.protocols(),
    }  # fmt: skip
    return Context(**fields | changes)  # type: ignore[arg-type]


def judged(found: Measurement | list[Measurement], spread: Spread | None = None, **claimed: object) -> Judgement:
    around = claimed.pop("context", None) or context()
    numbers = found if isinstance(found, list) else [found]
    spreads = {(numbers[0].metric, numbers[0].protocol): spread} if numbers and spread else {}
    return judge(make.claim(**claimed), numbers, TOLERANCES, around, spreads)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claimed", "found", "outcome"),
    [
        ({}, 55.7499, "reproduced"),
        ({}, 55.75, "not reproduced"),
        ({}, 55.535, "reproduced"),
        ({}, 55.534, "not reproduced"),
        ({"value": 0.5564, "as_printed": "0.5564", "unit": "fraction"}, 55.7499, "reproduced"),
        ({"value": 0.5564, "as_printed": "0.5564", "unit": "fraction"}, 55.75, "not reproduced"),
        ({"value": 69.0, "as_printed": "69"}, 69.51, "reproduced"),
        ({"bound": "at_most"}, 3.0, "reproduced"),
        ({"bound": "more_than"}, 55.5, "not reproduced"),
    ],
)
def test_the_authors_weights_agree_within_a_tenth_of_a_point_of_what_prints_as_the_claim(claimed, found, outcome):
    said = judged(measured(found), **claimed)
    assert (said.outcome, said.how) == (outcome, "re-evaluated")
    assert (said.difference == 0) or outcome == "not reproduced" or said.tolerance


def test_on_the_papers_own_device_the_tolerance_is_narrower():
    named = {"hardware": "1x GTX 1080Ti"}
    found = measured(55.7, machine="NVIDIA GeForce GTX 1080 Ti")
    assert judged(found, **named).outcome == "not reproduced"
    assert judged(measured(55.7), **named).outcome == "reproduced"
    assert judged(found._replace(value=55.6699), **named).outcome == "reproduced"
    assert judged(found._replace(value=55.67), **named).outcome == "not reproduced"


@pytest.mark.parametrize(
    ("printed", "outcome"),
    [("0.364", "reproduced"), ("0.365", "reproduced"), ("0.363", "not reproduced"), ("0.36", "reproduced"),
     ("0.3", "reproduced"), ("0.366", "not reproduced")],
)  # fmt: skip
def test_a_count_prints_as_the_claim_or_does_not(printed, outcome):
    found = measured(0.364569, metric="params_m", unit="million", protocol=None, split=None, counted=True)
    said = judged(found, metric="params_m", unit="million", value=float(printed), as_printed=printed, scoring=None)
    assert (said.outcome, said.how) == (outcome, "counted")
    assert "0.364569 million counted" in said.reason


def test_a_training_is_judged_by_its_prediction_interval():
    spread = Spread(0.2, 2)  # half-width 0.99
    said = judged(seeds(55.0, 55.2, 55.4), spread)
    assert (said.outcome, said.how, said.measured) == ("reproduced", "retrained", 55.2)
    assert said.interval == pytest.approx((54.206, 56.194), abs=1e-3)
    assert "with 3 seeds" in said.reason
    # A training without a statement is wholly the suite's own, so it refutes nothing.
    missed = judged(seeds(50.0, 50.2, 50.4), spread)
    assert missed.outcome == "undecided"
    assert "It speaks not against the claim: the recipe is in part the suite's own." in missed.reason


def authors_recipe() -> Context:
    """A page whose training is the authors' own in everything."""
    return context(recipes={TRAINED[0]: Recipe(training=TRAINED[0], earlier=None, choices=())})


@pytest.mark.parametrize(
    ("values", "deviation", "outcome", "said"),
    [
        ((50.0, 50.2, 50.4), 0.2, "not reproduced", "below the claim."),
        ((60.0, 60.2, 60.4), 0.2, "not reproduced", "higher than claimed."),
        ((55.0, 55.2, 55.4), 0.31, "undecided", "1 more would do."),
        ((55.0, 55.2, 55.4), 0.8, "undecided", "no number of seeds"),
        ((55.0, 55.2), 0.2, "undecided", "At least 1 more seed would"),
        ((55.64,), 0.2, "undecided", "At least 2 more seeds would"),
    ],
)
def test_a_training_by_the_authors_recipe_can_fail_and_says_what_would_decide(values, deviation, outcome, said):
    found = judged(seeds(*values), Spread(deviation, 2), context=authors_recipe())
    assert found.outcome == outcome
    assert said in found.reason
    assert found.difference is not None


def test_a_difference_is_judged_by_sign_and_half_of_the_effect():
    claimed = {"metric": "miou_delta_vs:Other", "baseline": "other_net", "unit": "pp", "value": 1.0, "as_printed": "1",
        "bound": "more_than", "scoring": None}  # fmt: skip
    assert judged(measured(1.1, **SUBTRACTED), **claimed).outcome == "reproduced"
    worse = measured(-0.5, **SUBTRACTED | {"interval": (-0.9, -0.1)})
    assert judged(worse, **claimed).outcome == "not reproduced"
    assert "The sign is the other one" in judged(worse, **claimed).reason
    open_sign = measured(0.8, **SUBTRACTED | {"interval": (-0.1, 1.7)})
    assert judged(open_sign, **claimed).outcome == "undecided"
    trained = judged(worse._replace(trained=TRAINED), **claimed)
    assert trained.outcome == "undecided", "the recipe is not the authors'"
    assert {(c.kind, c.about) for c in trained.conditions} >= {("departure", "recipe"), ("departure", "seeds")}


@pytest.mark.parametrize(
    ("changes", "claimed", "outcome"),
    [
        ({}, {}, "reproduced"),
        ({"value": 23.76}, {}, "reproduced"),
        ({"value": 24.77}, {}, "not reproduced"),
        ({"machine": "NVIDIA H200"}, {}, "not comparable"),
        ({"machine": "NVIDIA GeForce GTX 1080"}, {}, "not comparable"),
        ({"device": "cpu", "machine": "AMD EPYC"}, {}, "not comparable"),
        ({"size": (1024, 512)}, {}, "not comparable"),
        ({}, {"hardware": None}, "not comparable"),
        ({}, {"hardware": "standard GPU (model not stated)"}, "not comparable"),
        ({}, {"hardware": "2x GTX 1080Ti"}, "not comparable"),
        ({}, {"protocol": {"image_size": "not stated"}}, "not comparable"),
    ],
)
def test_a_speed_is_judged_on_the_named_device_and_input_size_only(changes, claimed, outcome):
    found = measured(22.0, **SIDE_BY_SIDE | CARD | {"size": (512, 512)})._replace(**changes)
    named = {"hardware": "1x GTX 1080Ti", "protocol": {"image_size": "512x512"}}
    said = judged(found, **SPEEDUP | named | claimed)
    assert (said.outcome, said.how) == (outcome, "timed")
    assert said.measured == found.value
    if outcome == "not comparable":
        assert found.machine in said.reason and "times the claim" in said.reason


def test_memory_counted_from_shapes_is_not_what_a_device_held():
    claimed = {"metric": "train_memory_reduction_vs:Other", "baseline": "other_net", "value": 10, "value_max": 20,
        "as_printed": ("10", "20"), "bound": "range", "unit": "percent less"}  # fmt: skip
    found = measured(39.57641, **SIDE_BY_SIDE | {"unit": "percent less"}, counted=True, conditions="shapes")
    said = judged(found, **claimed)
    assert (said.outcome, said.how, said.difference) == ("not comparable", "counted", None)
    assert "two different quantities" in said.reason


@pytest.mark.parametrize(
    ("found", "claimed", "said"),
    [
        (measured(None), {}, "Undefined"),
        (measured(), {"unit": "pp"}, "The claim is in pp"),
        (measured(), {"split": "not stated"}, "“not stated”"),
        (measured(1.0, **SUBTRACTED), {"metric": "miou_delta_vs:O", "unit": "pp", "scoring": "authors"}, "“authors”"),
    ],
)
def test_what_is_not_of_the_same_thing_is_not_comparable(found, claimed, said):
    found = judged(found, **claimed)
    assert found.outcome == "not comparable"
    assert said in found.reason


def texts(conditions: tuple[Condition, ...], about: str) -> list[tuple[str, bool]]:
    return [(c.text, c.fitted) for c in conditions if c.about == about]


def test_a_fitted_reading_of_the_network_caps_the_outcome():
    read = {"variant_why": "only this one gives the number"}
    assert judged(measured(), **read).outcome == "reproduced"
    fitted = judged(measured(), **read, variant_fitted=True)
    assert fitted.outcome == "consistent"
    assert texts(fitted.conditions, "network") == [("net_small: only this one gives the number", True)]
    assert judged(measured(70.0), **read, variant_fitted=True).outcome == "not reproduced"


def test_rules_of_a_protocol_are_fitted_to_the_quantities_that_they_were_inferred_from():
    inferred = make.protocols()["authors"].model_copy(update={"inferred": "the figure itself", "fitted": ("miou",)})
    around = context(protocols={"authors": inferred})
    assert judged(measured(), context=around).outcome == "consistent"
    free = judged(measured(metric="class_avg_accuracy"), context=around, metric="class_avg_accuracy")
    assert free.outcome == "reproduced"
    assert len(texts(free.conditions, "scoring")) == 1


def test_one_of_several_networks_can_neither_reproduce_nor_refute():
    several = {"variant": None, "candidates": ("net_small", "net_large"), "variant_why": "no source says which"}
    assert judged(measured(), **several).outcome == "consistent"
    missed = judged(measured(70.0), **several)
    assert missed.outcome == "undecided"
    assert "it is open whether the claim is about this" in missed.reason


def test_published_weights_of_open_meaning_stand_beside_every_claim_that_they_can_mean():
    around = context(unclear_weights={"net_small": Unclear(models=("net_coarse",), why="not stated")})
    for variant in ("net_small", "net_coarse"):
        said = judged(measured(), context=around, variant=variant)
        assert said.outcome == "consistent"
        assert texts(said.conditions, "weights") == [("not stated", True)]
        assert judged(measured(70.0), context=around, variant=variant).outcome == "undecided"
        assert not texts(judged(seeds(55.6), context=around, variant=variant).conditions, "weights")


def test_another_split_that_the_number_may_be_of_is_a_reading():
    doubt = {"split": "val", "other_split": "test", "other_split_why": "earlier versions say so"}
    said = judged(measured(), **doubt)
    assert (said.outcome, texts(said.conditions, "split")) == ("consistent", [("earlier versions say so", True)])
    assert judged(measured(70.0), **doubt).outcome == "undecided"
    assert judged(measured(70.0, split="val"), **doubt).outcome == "not reproduced"


@pytest.mark.parametrize(
    ("claimed", "about", "said"),
    [
        ({"split": "test (implied)", "split_read_as": "test"}, "split", "the paper only implies the split"),
        ({"split": "val", "split_read_as": "test"}, "split", "what the paper calls “val” is the split “test”"),
        ({"scoring": None}, "scoring", "the paper does not state its scoring"),
        ({"scoring_why": "no scales are stated"}, "scoring", "no scales are stated"),
        ({"baseline": "other_net", "baseline_why": "by name"}, "baseline", "other_net: by name"),
    ],
)
def test_a_reading_is_said_with_its_subject(claimed, about, said):
    ((text, fitted),) = texts(judged(measured(), **claimed).conditions, about)
    assert said in text and not fitted


def test_a_speed_beside_another_input_size_says_so():
    found = measured(12.5, metric="fps", unit="fps", protocol=None, split=None, device="cpu", machine="a processor",
        size=(480, 360), conditions="a processor at 480x360")  # fmt: skip
    said = judged(found, metric="fps", unit="fps", protocol={"image_size": "512x512"}, hardware="1x GTX 1080Ti")
    assert texts(said.conditions, "protocol") == [("input of 480x360 instead of 512x512", False)]
    assert "at 480x360, and" in said.reason and "at 512x512" in said.reason


def test_reason_without_a_measurement_lists_all_that_is_missing_in_order():
    around = context(
        dataset=make.dataset(
            login={"account_url": "u", "instructions": "Register."}, splits={"test": {"images": 1, "labels": "hidden"}}
        ),
        runs=(SuiteRun(model="net_small", route="retrained", paper_scale=True),),
    )
    said = judged([], context=around)
    assert (said.outcome, said.how) == ("not run", None)
    assert [m.code for m in said.missing] == ["login", "GPU", "stage", "server"]
    assert said.reason == "Missing: " + "; ".join(WORDS[m.code] for m in said.missing) + "."


@pytest.mark.parametrize(
    "found",
    [measured(), measured(60.0), seeds(55.0), seeds(50.0, 50.2, 50.4), measured(22.0, **SIDE_BY_SIDE | CARD), []],
    ids=["agrees", "disagrees", "one seed", "seeds", "speed", "nothing"],
)
def test_a_reason_is_two_sentences_or_three_at_most(found):
    claimed = SPEEDUP if found and not isinstance(found, list) and found.run is None else {}
    reason = judged(found, Spread(0.2, 2), **claimed).reason
    assert 1 <= reason.count(". ") + 1 <= 3, reason
    assert reason.endswith(".") and "  " not in reason


def test_an_owners_answer_is_named_so_and_follows_its_weights():
    run = Run(model="net_small", dataset="streets", route="test_server", seed=0)
    said = judged(measured(run=run))
    assert (said.how, said.outcome) == ("answered by the owner's server", "reproduced")
    trained = judged(measured(run=run, trained=TRAINED, weights="retrained"))
    assert (trained.how, trained.outcome) == ("answered by the owner's server", "undecided")


def test_comparison_that_names_the_claim_reads_the_papers_model():
    said = judged(measured(22.0, **SIDE_BY_SIDE | CARD), **SPEEDUP, variant=None)
    assert texts(said.conditions, "network") == [("the paper does not say that it means net_small", True)]


def test_planned_comparison_of_a_claim_is_an_obstacle_until_it_is_made():
    plan = SuiteComparison(id="c", quantity="latency", models=("net_small", "other_net"), size=(512, 256))
    missing = judged([], context=context(comparisons=(plan,)), **SPEEDUP).missing
    assert [m.code for m in missing] == ["machine", "stage"]
