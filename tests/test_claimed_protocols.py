"""What a run is predicted under follows from the claims about its model."""

from pathlib import Path

import pytest

from data_manifests import loader
from segrepro.errors import SegReproError
from tests.checkout import Checkout
from workflow.claimed_protocols import claimed_protocols, inference_of, single_scale_claims


@pytest.mark.parametrize(
    ("model", "dataset", "expected"),
    [
        ("espnet_p2q8", "camvid", ()),
        ("ldn121", "cityscapes", ("ldn_multi_scale", "ldn_multi_scale_flip")),
        ("shelfnet34_lw", "cityscapes", ("shelfnet34_lw",)),
        ("shelfnet50", "pascal_context", ("shelfnet_context",)),
        # Claimed on the test split only, whose labels are hidden.
        ("shelfnet50", "cityscapes", ()),
        # The same, once as “test” and once as “test (per figure)”.
        ("shelfnet18_lw", "cityscapes", ()),
        ("ldn121", "synthcity", ()),
        # Claimed on the test split only, too, but it needs no further pass.
        ("espnet_p2q8", "cityscapes", ("espnet_cityscapes",)),
        # Split not stated.
        ("espnet_p2q3", "cityscapes", ("espnet_cityscapes",)),
    ],
)
def test_a_run_is_predicted_as_its_claims_need(model: str, dataset: str, expected: tuple[str, ...]) -> None:
    assert claimed_protocols(model, dataset) == expected


def test_scales_of_protocols_are_those_of_the_claims_that_go_by_them() -> None:
    protocols = loader.protocols()
    stated = 0
    for claim in loader.claims():
        scales = (claim.protocol or {}).get("eval_scales")
        if claim.scoring is None or not isinstance(scales, tuple):
            continue
        rule = protocols[claim.scoring].inference
        assert scales == ((1.0,) if rule is None else rule.scales), claim.id
        stated += 1
    assert stated > 30


def test_context_is_predicted_as_voc_by_an_evaluator_whose_use_is_inferred() -> None:
    protocols = loader.protocols()
    context, voc = protocols["shelfnet_context"], protocols["shelfnet_voc"]
    assert (context.inference, context.absent) == (voc.inference, voc.absent)
    assert context.inferred and not voc.inferred


def test_own_claims_at_several_scales_are_never_scored_at_one() -> None:
    protocols = loader.protocols()
    for claim in loader.claims():
        scales = (claim.protocol or {}).get("eval_scales")
        if claim.own and claim.variant and isinstance(scales, tuple) and len(scales) > 1 and claim.unit == "percent":
            assert claim.scoring is not None, claim.id
            assert protocols[claim.scoring].inference is not None, claim.id


def test_a_figure_to_depart_from_is_one_of_one_pass() -> None:
    assert [*single_scale_claims("espnet_p2q8", "camvid")] == ["espnet.readme.camvid.miou"]
    assert next(iter(single_scale_claims("ldn121", "cityscapes"))) == "ldn19.code.single-scale.miou"
    with pytest.raises(SegReproError, match="shelfnet34_lw on cityscapes: found no claim of an mIoU at a single scale"):
        single_scale_claims("shelfnet34_lw", "cityscapes")


@pytest.mark.parametrize("protocol", ["standard", "nothing"])
def test_a_protocol_of_one_pass_asks_nothing_of_a_prediction(protocol: str) -> None:
    with pytest.raises(SegReproError, match=f"--protocol {protocol}: found no inference of its own"):
        inference_of(protocol)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ldn121/retrained/seed0/prediction.json", "--protocol ldn_multi_scale --protocol ldn_multi_scale_flip --out"),
        ("shelfnet50/retrained/seed0/submission-test-shelfnet_cityscapes.zip", "--protocol shelfnet_cityscapes --out"),
        ("espnet_p2q8/retrained/seed0/prediction.json", "--protocol espnet_cityscapes --out"),
        ("espnet_p2q8/retrained/seed0/submission-test-espnet_cityscapes.zip", "--protocol espnet_cityscapes --out"),
        ("ldn121/retrained/seed0/sensitivity.json", "--claim ldn19.code.single-scale.miou --out"),
    ],
)
@pytest.mark.slow
def test_the_workflow_asks_for_them(target: str, said: str, tmp_path: Path) -> None:
    """As Snakemake plans it, with an account for the data that it never uses."""
    checkout = Checkout(tmp_path / "segrepro")
    account = {"CITYSCAPES_USERNAME": "name", "CITYSCAPES_PASSWORD": "password"}
    done = checkout.snakemake("--dry-run", "--printshellcmds", f"results/cityscapes/{target}", **account)
    assert said in done.stdout, done.stdout
