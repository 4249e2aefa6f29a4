"""What stands between a claim and its measurement: each obstacle with its condition and its words, and the ceiling."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import evidence_factory as make
import pytest

from data_manifests import loader
from data_manifests.schemas.suite import SuiteComparison, SuiteRun
from reports.judging.arithmetic import check, deciding
from reports.judging.ceiling import ceiling
from reports.judging.context import Context, concerns, context_of, pages_of
from reports.judging.counts import read_counts
from reports.judging.findings import all_findings, by_claim
from reports.judging.machines import named_device, same_device
from reports.judging.obstacles import OBSTACLES, could_be_judged, missing_for
from reports.judging.outcome import Code
from reports.judging.printed import allowed, exact
from reports.judging.rows import join, without_a_page
from reports.judging.verdicts import WORDS

PROJECT = Path(__file__).resolve().parents[1]
SUITE = loader.suite(PROJECT / "config/suite.yaml")
TRAINED = SuiteRun(model="net_small", route="retrained", paper_scale=True)
OFFICIAL = SuiteRun(model="net_small", route="official")
SPEED = {"metric": "fps", "unit": "fps", "hardware": "1x GTX 1080Ti", "protocol": {"image_size": "512x512"}}
DELTA = {"metric": "miou_delta_vs:Other", "baseline": "other_net", "unit": "pp"}
SUBTRACTED = SuiteComparison(id="net-miou", quantity="miou", models=("net_small", "other_net"))
LOGIN = {"account_url": "u", "instructions": "Register."}
HIDDEN = make.dataset(splits={"test": {"images": 1, "labels": "hidden"}})


def context(**changes: object) -> Context:
    fields = {
        "dataset": make.dataset(), "stages": ("structure", "accuracy", "efficiency", "training"), "runs": (OFFICIAL,),
        "suite_models": frozenset({"net_small", "net_large", "other_net"}),
    }  # fmt: skip
    return Context(**fields | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "claimed", "around", "said"),
    [
        ("meaning", {"variant": None}, {}, "No network of the suite stands for “Net”."),
        ("meaning", {"variant": None, "variant_why": "its depth"}, {}, "The documents leave open: its depth."),
        ("quantity", {"metric": "train_time"}, {}, "does not measure this quantity: train time."),
        ("baseline", DELTA | {"baseline": None}, {}, "No network of the suite stands for “Other”."),
        ("comparison", DELTA, {}, "No page plans the comparison with other_net."),
        ("split", {"split": "not stated"}, {}, "which images were scored: “not stated”."),
        ("machine", SPEED | {"hardware": None}, {}, "leave open the machine,"),
        ("machine", SPEED | {"protocol": {}}, {}, "leave open the input size,"),
        ("machine", SPEED | {"protocol": {}, "hardware": "a card (not stated)"}, {}, "the machine and the input size,"),
        ("page", {"variant": "net_huge"}, {}, "No page has a run of net_huge."),
        ("run", {"variant": "net_large"}, {}, "No run of net_large on this dataset is planned."),
        ("data not public", {}, {"dataset": make.dataset(availability="not public")}, "not public"),
        ("login", {}, {"dataset": make.dataset(login=LOGIN)}, "The data need a login. Register."),
        ("login", {}, {"dataset": make.dataset(login=LOGIN | {"account_url": None})}, "downloaded by hand. Register."),
        ("weights", {}, {"placed_weights": {"net_small": "Ask. Put it there."}}, "by hand. Ask. Put it there."),
        ("GPU", {}, {"runs": (TRAINED,)}, "net_small must be trained by the paper's recipe"),
        ("GPU", DELTA, {"runs": (TRAINED,), "comparisons": (SUBTRACTED,)}, "net_small must be trained"),
        ("stage", {}, {"stages": ("structure",)}, "without the stage “accuracy”: --config stages=structure,accuracy."),
        ("stage", {}, {"stages": ("accuracy",), "runs": (TRAINED,)}, "stages=accuracy,training."),
        ("stage", {}, {"stages": (), "runs": (TRAINED,)}, "stages=accuracy,training."),
        ("stage", SPEED, {"stages": ("structure",)}, "--config stages=structure,efficiency."),
        ("stage", {"metric": "params_m"}, {"stages": ("accuracy",)}, "the stage “structure”"),
        ("device", SPEED, {}, "judged on the paper's machine only: 1x GTX 1080Ti."),
        ("server", {}, {"dataset": HIDDEN}, "The labels of the split “test” are hidden"),
        ("measurement", {}, {}, "The measurement of net_small has not been made yet."),
        ("measurement", {"metric": "params_m"}, {}, "The profile of net_small has not been made yet."),
    ],
)
def test_each_obstacle_stands_where_it_should_and_says_how_to_go_on(code, claimed, around, said):
    found = {m.code: m.text for m in missing_for(make.claim(**claimed), context(**around))}
    assert said in found[code]
    if code != "measurement":
        assert list(found) == [code] or code in found
        unhindered = {m.code for m in missing_for(make.claim(), context())}
        assert unhindered == {"measurement"}


def test_obstacles_are_listed_in_one_order_and_each_has_its_words():
    assert [o.code for o in OBSTACLES] == [code for code in get_args(Code) if code != "measurement"]
    assert WORDS.keys() == set(get_args(Code))


def test_weights_that_can_be_fetched_are_no_obstacle_and_training_is_none_beside_them():
    assert [m.code for m in missing_for(make.claim(), context(runs=(TRAINED, OFFICIAL)))] == ["measurement"]
    by_hand = context(runs=(TRAINED, OFFICIAL), placed_weights={"net_small": "Ask."})
    assert [m.code for m in missing_for(make.claim(), by_hand)] == ["weights"]


@pytest.mark.parametrize(
    ("claimed", "machine", "same"),
    [
        ("1x GTX 1080Ti", "NVIDIA GeForce GTX 1080 Ti", True),
        ("1x GTX 1080Ti", "NVIDIA GeForce GTX 1080", False),
        ("NVIDIA TitanX (README); standard GPU (abstract)", "NVIDIA TITAN X (Pascal)", False),
        ("1x Titan X (generation)", "NVIDIA TITAN X", True),
        ("NVIDIA TX2", "NVIDIA Jetson TX2", True),
        ("2x GTX 1070 (8 GB each)", "NVIDIA GeForce GTX 1070", False),
        ("1x Titan X (12 GB) + 1x GTX 1070 (8 GB)", "NVIDIA TITAN X", False),
        ("standard GPU (model not stated)", "NVIDIA H200", False),
        (None, "NVIDIA H200", False),
    ],
)
def test_a_card_is_known_by_its_name_however_it_is_written(claimed, machine, same):
    assert same_device(make.claim(hardware=claimed), machine) == same


def test_several_cards_are_no_named_device():
    assert named_device(make.claim(hardware="2x GTX 1070 (8 GB each)")) is None
    assert named_device(make.claim(hardware="1x GTX 1070 (8 GB)")) == "1x GTX 1070"


# ---- the real suite


def test_ceiling_of_the_suite():
    claims, pages = loader.claims(), pages_of(SUITE)
    rows = [row for page in pages.values() for row in join(claims, [], SUITE, page).rows]
    found = ceiling(claims, rows, pages.values(), {})
    assert (found.own + found.repeats, found.judged) == (297, 0)
    assert found.repeats == sum(1 for claim in claims if claim.own and claim.repeats)
    assert found.possible == 251
    # A claim that names no machine, no pictures or no network cannot be judged by whatever is at hand.
    for hopeless in ("espnet.abs.fps-gpu", "shelf.readme.shelfnet50-reimpl.miou", "espnet.tracker.voc-test.miou"):
        (claim,) = [claim for claim in claims if claim.id == hopeless]
        assert not any(concerns(claim, page) and could_be_judged(claim, page) for page in pages.values())


def test_a_claim_that_is_said_in_several_places_counts_once():
    said = [make.claim(), make.claim(id="again", repeats="net.miou"), make.claim(id="other", metric="params_m")]
    page = context()
    rows = join(said, [], make.suite(), page).rows
    assert ceiling(said, rows, [page], {})[:3] == (2, 1, 0)
    judged = [
        row.model_copy(update={"outcome": "undecided", "evidence": ("e.json",)}) for row in rows if row.claim == "again"
    ]
    assert ceiling(said, judged, [page], {})[:3] == (2, 1, 1)


def test_84_2_on_voc_is_one_claim():
    said = [c for c in loader.claims() if c.own and c.as_printed == "84.2" and c.dataset == "PASCAL VOC 2012"]
    assert len(said) == 3
    assert {claim.repeats or claim.id for claim in said} == {"shelf.text.mp101.voc-test.miou"}


def test_a_repeated_claim_has_the_number_of_the_one_that_it_repeats():
    claims = {claim.id: claim for claim in loader.claims()}
    for claim in claims.values():
        if claim.repeats is not None:
            first = claims[claim.repeats]
            assert (claim.metric, claim.own, first.own) == (first.metric, True, True)
            assert exact(first.value) in allowed(claim)


def test_every_own_claim_has_a_row():
    claims, pages = loader.claims(), pages_of(SUITE)
    datasets = loader.datasets()
    with_page = {page.dataset for page in SUITE.reports.values()}
    elsewhere = [context_of(datasets[name], SUITE, None) for name in datasets if name not in with_page]
    elsewhere.append(context_of(None, SUITE, None))
    rows = [row for page in pages.values() for row in join(claims, [], SUITE, page).rows]
    rows += (others := without_a_page(claims, list(pages.values()), SUITE, elsewhere))
    assert {row.claim for row in rows if row.own} == {claim.id for claim in claims if claim.own}
    assert all(row.missing for row in others)
    assert "espnet.poster.mapillary.espnet" in {row.claim for row in others}


def test_quoted_numbers_have_no_scoring_of_the_papers_own():
    assert not [claim.id for claim in loader.claims() if not claim.own and claim.scoring]


def reasons(of: Callable[[str], bool]) -> set[str]:
    pages = pages_of(SUITE).values()
    rows = [row for page in pages for row in join(loader.claims(), [], SUITE, page).rows]
    return {missing.code for row in rows if of(row.claim) for missing in row.missing}


def test_what_is_missing_for_names_that_no_network_stands_for():
    assert "meaning" in reasons(lambda claim: claim == "espnet.tracker.voc-test.miou")
    assert "meaning" not in reasons(lambda claim: claim.startswith("fcn2s.tracker"))
    assert reasons(lambda claim: claim == "fcn2s.tracker.nyudv2.miou") == {"GPU", "stage"}


def test_what_follows_from_other_numbers_is_judged_and_still_says_what_a_measurement_takes():
    claims, pages = loader.claims(), pages_of(SUITE)
    by_id = {claim.id: claim for claim in claims}
    results = check(loader.arithmetic().values(), by_id, read_counts(PROJECT / "reports/measurements"))
    worked = deciding(results)
    known = by_claim(all_findings(loader.findings(), loader.papers(), results, by_id))
    rows = join(claims, [], SUITE, pages["cityscapes"], worked, known).rows
    (row,) = [row for row in rows if row.claim == "shelf.t2.multi-path-network101.miou"]
    assert (row.how, row.outcome, row.measured, row.evidence) == ("arithmetic", "consistent", 74.39473684210526, ())
    assert [m.code for m in row.missing] == ["login", "weights", "server"]
    assert row.findings == tuple(finding.id for finding in known[row.claim])
    found = ceiling(claims, rows, pages.values(), worked)
    own = {by_id[name].repeats or name for name, result in worked.items() if result.outcome and by_id[name].own}
    assert found.judged == found.worked_out == len(own)
    assert found.possible > ceiling(claims, rows, pages.values(), {}).possible


def test_what_would_follow_from_a_count_that_is_not_made_says_which():
    claims = {claim.id: claim for claim in loader.claims()}
    worked = deciding(check(loader.arithmetic().values(), claims, {}))
    voc = pages_of(SUITE)["voc2012"]
    (row,) = join([claims["espnet.poster.voc.params-ratio-segnet"]], [], SUITE, voc, worked).rows
    assert (row.how, row.outcome) == (None, "not run")
    assert [(m.code, m.text) for m in row.missing] == [
        ("measurement", "It follows by arithmetic from parameters of cityscapes/espnet_p2q8: not yet counted.")
    ]
