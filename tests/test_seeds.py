import evidence_factory as make
import pytest

from data_manifests.schemas.evidence import Evaluation
from reports.judging.seeds import over_seeds


def evaluation(model: str, seed: int, **values: float | None) -> Evaluation:
    scores = [
        {"metric": metric, "protocol": protocol, "value": value, "interval": None}
        for metric, value in values.items()
        for protocol in ("standard", "authors")
    ]
    return make.evaluation(make.run("retrained", "drawn", seed) | {"model": model}, scores)


def test_each_run_with_several_seeds_is_summed_up_in_the_order_given() -> None:
    runs = [("b", 4, 43.0), ("a", 0, 1.0), ("b", 3, 40.0), ("a", 1, 3.0), ("c", 0, 9.0)]
    spreads = over_seeds([evaluation(model, seed, miou=value) for model, seed, value in runs], "standard")
    assert [(spread.model, spread.seeds) for spread in spreads] == [("b", (4, 3)), ("a", (0, 1))]
    assert spreads[0].scores["miou"] == pytest.approx((41.5, 4.5**0.5))


def test_a_metric_that_is_undefined_for_a_seed_is_left_out() -> None:
    (spread,) = over_seeds(
        [evaluation("a", 0, miou=40, pixel_accuracy=80), evaluation("a", 1, miou=43, pixel_accuracy=None)], "standard"
    )
    assert set(spread.scores) == {"miou"}


def test_of_one_run_and_seed_the_first_evaluation_counts() -> None:
    again = [evaluation("a", 0, miou=40), evaluation("a", 0, miou=90), evaluation("a", 1, miou=42)]
    (spread,) = over_seeds(again, "standard")
    assert spread.scores["miou"][0] == 41
    assert over_seeds(again[:2], "standard") == over_seeds([], "standard") == []
