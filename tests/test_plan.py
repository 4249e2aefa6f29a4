"""What the suite file plans, as files: the evidence of a page by its stages, and what of it is at hand."""

import pytest

from data_manifests.schemas.suite import Suite
from segrepro.errors import SegReproError
from workflow.plan import (
    comparisons_of,
    evidence,
    evidence_at_hand,
    find_comparison,
    profiled_runs,
    scored_folders,
    short_trainings,
)

RUNS = "results/streets/{}/seed0"


@pytest.fixture
def suite():
    comparisons = [
        {"id": "size", "quantity": "parameters", "models": ["small", "large"]},
        {"id": "gain", "quantity": "miou", "models": ["small", "large"]},
    ]
    runs = [
        {"model": "small", "route": "official"},
        {"model": "large", "route": "retrained"},
        {"model": "small", "route": "retrained", "paper_scale": True},
    ]
    tolerances = dict.fromkeys(("same_device", "other_device", "half_width", "effect", "speed"), 0.1) | {"seeds": 3}
    # A comparison of mIoU needs one run of each model.
    streets = {"title": "Streets", "dataset": "streets", "runs": runs, "comparisons": comparisons[:1]}
    fields = {"title": "Fields", "dataset": "fields", "runs": runs[:2], "comparisons": comparisons[1:]}
    stated = {"stages": ["structure"], "standard_protocol": "standard", "tolerances": tolerances}
    return Suite.model_validate(stated | {"reports": {"streets": streets, "fields": fields}})


def planned(suite, *stages, **missing):
    return set(evidence(suite.model_copy(update={"stages": stages}), suite.reports["streets"], **missing))


def write(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_each_stage_makes_its_files(suite):
    small, large, long = (RUNS.format(run) for run in ("small/official", "large/retrained", "small/retrained"))
    structure = {f"{small}/profile.json", f"{large}/profile.json", "results/streets/comparisons/size.json"}
    accuracy = {f"{small}/evaluation.json", f"{large}/evaluation.json", f"{large}/training.json"}
    assert planned(suite) == set()
    assert planned(suite, "structure") == structure
    assert planned(suite, "accuracy") == accuracy
    assert planned(suite, "efficiency") == {f"{small}/efficiency.json", f"{large}/efficiency.json"}
    training = {f"{long}/evaluation.json", f"{long}/training.json"}
    assert planned(suite, "structure", "accuracy", "training") == structure | accuracy | training
    assert planned(suite, "accuracy", missing_weights={"small"}) == accuracy - {f"{small}/evaluation.json"}


def test_at_hand_is_what_exists_and_a_stage_is_complete_when_nothing_of_it_is_missing(suite, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = suite.reports["streets"]
    assert evidence_at_hand(suite, page) == ([], ())
    small, large, long = (RUNS.format(run) for run in ("small/official", "large/retrained", "small/retrained"))
    write(
        tmp_path, f"{small}/profile.json", f"{long}/evaluation.json", f"{long}/training.json", "results/streets/x.json"
    )
    here = [f"{small}/profile.json", f"{long}/evaluation.json", f"{long}/training.json"]
    # Scores of the paper's own training alone are neither all scores nor all that training adds to them.
    assert evidence_at_hand(suite, page) == (here, ())
    committed = "reports/measurements/a-machine"
    write(
        tmp_path,
        f"{committed}/streets/large/retrained/seed0/profile.json",
        f"{committed}/streets/comparisons/size.json",
    )
    assert evidence_at_hand(suite, page) == (here, ("structure",))
    write(tmp_path, f"{small}/evaluation.json", f"{large}/evaluation.json", f"{large}/training.json")
    assert evidence_at_hand(suite, page).stages == ("structure", "accuracy", "training")
    (tmp_path / f"{long}/training.json").unlink()
    assert evidence_at_hand(suite, page).stages == ("structure", "accuracy")


def test_a_stage_that_makes_nothing_for_a_page_is_no_part_of_it(suite, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = suite.reports["fields"]
    everything = evidence(suite.model_copy(update={"stages": ("structure", "accuracy", "efficiency")}), page)
    write(tmp_path, *everything)
    files, stages = evidence_at_hand(suite, page)
    assert sorted(files) == sorted(everything) and stages == ("structure", "accuracy", "efficiency")


def test_comparisons_are_found_by_dataset_and_id(suite):
    comparison, report = find_comparison(suite, "fields", "gain")
    assert (comparison.quantity, report.title) == ("miou", "Fields")
    with pytest.raises(SegReproError, match="no report on streets plans the comparison 'gain'"):
        find_comparison(suite, "streets", "gain")
    assert [comparisons_of(suite, stage) for stage in ("structure", "accuracy", "efficiency")] == [
        "size",
        "gain",
        "(?!)",
    ]
    assert scored_folders(suite, "fields", "gain") == [
        "results/fields/small/official/seed0",
        "results/fields/large/retrained/seed0",
    ]


def test_only_trainings_that_a_page_does_not_plan_at_the_papers_scale_take_minutes(suite):
    assert short_trainings(suite) & {("streets", "large"), ("streets", "small"), ("elsewhere", "large")} == {
        ("streets", "large")
    }


def test_a_count_that_is_committed_and_holds_is_not_made_again(suite):
    counted = profiled_runs(suite.reports["streets"])
    assert [(run.model, run.route) for run in counted] == [("small", "official"), ("large", "retrained")]
    profile = "results/streets/small/official/seed0/profile.json"
    assert profile in planned(suite, "structure")
    assert profile not in planned(suite, "structure", counted_elsewhere=counted[:1])
    assert "results/streets/large/retrained/seed0/profile.json" in planned(
        suite, "structure", counted_elsewhere=counted[:1]
    )
