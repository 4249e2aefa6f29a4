"""Every paper-scale training states what of it is the authors', and the statement is what its config does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import evidence_factory as make
import pytest
from mmengine.config import Config

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Run, Selection, Training
from data_manifests.schemas.recipe import Choice, RecipeFamily
from reports.judging.agreement import Spread
from reports.judging.context import context_of
from reports.judging.evidence import Measurement, trained_networks
from reports.judging.recipes import WORDS, own_choices, stages
from reports.judging.verdicts import judge
from segrepro.errors import SegReproError
from workflow.scripts import report

PROJECT = Path(__file__).resolve().parents[1]
CONFIGS = PROJECT / "mmseg_plugins" / "configs"
SUITE = loader.suite(PROJECT / "config" / "suite.yaml")
RECIPES = loader.recipes()
AT_SCALE = {
    f"{page.dataset}/{run.model}": name for name, page in SUITE.reports.items() for run in page.runs if run.paper_scale
}


def config(training: str) -> Config:
    return Config.fromfile(CONFIGS / f"{training}.py")


def earlier(settings: Config) -> str | None:
    """The training that a config starts from."""
    return settings.get("load_from") and "/".join(Path(settings.load_from).parts[1:3])


def with_stages(training: str) -> Iterator[str]:
    yield training
    if before := earlier(config(training)):
        yield from with_stages(before)


def test_every_training_at_paper_scale_and_every_stage_before_it_is_stated() -> None:
    needed = {stage for training in AT_SCALE for stage in with_stages(training)}
    assert needed - RECIPES.keys() == set()
    assert {training for training in RECIPES if not (CONFIGS / f"{training}.py").is_file()} == set()


@pytest.mark.parametrize("training", RECIPES)
def test_a_statement_names_the_stage_that_the_config_starts_from(training: str) -> None:
    assert RECIPES[training].earlier == earlier(config(training))


# ---- what is stated is what the config does


def stated(training: str) -> dict[str, Choice]:
    return {choice.what: choice for choice in RECIPES[training].choices}


@pytest.mark.parametrize("training", RECIPES)
def test_numbers_are_those_of_the_config(training: str) -> None:
    settings = config(training)
    optimizer, keys = settings.optim_wrapper.optimizer, settings.optim_wrapper.get("paramwise_cfg", {})
    steps = settings.train_dataloader.dataset.dataset.pipeline
    crops = [step.crop_size for step in steps if step.type == "RandomCrop"]
    found = {
        "optimiser": optimizer.type,
        "learning_rate": pytest.approx(optimizer.lr),
        "weight_decay": pytest.approx(optimizer.weight_decay),
        "iterations": settings.train_cfg.max_iters,
        "batch_size": settings.train_dataloader.batch_size,
        "backbone_rate": pytest.approx(keys.get("custom_keys", {}).get("backbone", {}).get("lr_mult", 1)),
        "auxiliary_weight": settings.model.decode_head.get("auxiliary_weight"),
        "crop_size": crops[0][0] if crops and len({*crops[0]}) == 1 else None,
    }
    for what, value in found.items():
        # ESPNet's passes have a batch size each.
        if what in stated(training) and not (what == "batch_size" and "passes" in str(stated(training)[what].value)):
            assert stated(training)[what].value == value, what
    assert (crops != []) == ("crop_size" in stated(training))


@pytest.mark.parametrize("training", RECIPES)
def test_words_are_those_of_the_config(training: str) -> None:
    settings, said = config(training), {what: str(choice.value) for what, choice in stated(training).items()}
    images = settings.train_dataloader.dataset.dataset
    split = Path(images.ann_file).stem if images.get("ann_file") else Path(images.data_prefix.img_path).name
    assert said["training_images"] == split
    hooks = [hook for hook in settings.custom_hooks if hook.type == "BestOnValHook"]
    names = {("mIoU",): "mIoU", ("aAcc", "mIoU"): "(pixel accuracy + mIoU) / 2"}
    chosen = f"best_on_val by {names[tuple(hooks[0].metrics)]}" if hooks else "last"
    assert said["model_selection"] == chosen
    # Once an epoch, where the epoch is counted.
    assert not hooks or settings.train_cfg.val_interval == settings.epoch
    starts = settings.model.backbone.get("init_cfg")
    imagenet = isinstance(starts, dict) and starts["type"] == "ImageNetInit"
    assert ("torchvision" in said["initial_weights"]) == (imagenet and earlier(settings) is None)
    assert (said["initial_weights"] == "none") == (not imagenet and earlier(settings) is None)
    schedule, kinds = said["schedule"], [scheduler.type for scheduler in settings.get("param_scheduler", [])]
    assert ("poly" in schedule) == ("PolyLR" in kinds)
    assert (schedule == "fixed") == (kinds == [])
    assert schedule.startswith("step") == (kinds == ["MultiStepLR"])
    assert schedule.startswith("halved") == (kinds == ["StepLR"])
    for power in re.findall(r"power ([\d.]+)", schedule):
        assert settings.param_scheduler[-1].power == float(power)


def test_the_coarse_stage_steps_where_the_command_line_asks_for_it() -> None:
    settings = config("cityscapes_coarse/shelfnet50")
    (step,) = settings.param_scheduler
    assert (step.milestones, step.gamma) == ([35 * settings.epoch], 0.1)
    assert settings.train_cfg.max_iters == 60 * settings.epoch


# ---- statements that cannot be


def family(**changes: object) -> dict:
    every = ("training_images", "initial_weights", "augmentation", "batch_size", "loss", "optimiser", "learning_rate")
    every += ("weight_decay", "schedule", "iterations", "model_selection")
    choices = [{"what": what, "value": 1, "source": "code", "where": "a file"} for what in every]
    groups = [{"trainings": {"streets/net": None}}]
    return {"id": "nets", "title": "Nets", "code": None, "choices": choices, "groups": groups} | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"choices": family()["choices"][1:]}, "for streets/net a choice of training_images as well"),
        ({"choices": family()["choices"] * 2}, "one choice of each thing, not two of augmentation"),
        ({"groups": family()["groups"] * 2}, "each training in one group, not streets/net in two"),
    ],
)
def test_a_statement_that_is_not_whole_or_says_a_thing_twice_is_refused(changes: dict, message: str) -> None:
    RecipeFamily.model_validate(family())
    with pytest.raises(ValueError, match=message):
        RecipeFamily.model_validate(family(**changes))


def test_a_stage_that_nobody_states_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [{"trainings": {"streets/net": "streets/before"}}]
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/nets.yaml").write_text(RecipeFamily.model_validate(family(groups=groups)).model_dump_json())
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    with pytest.raises(SegReproError, match="streets/net: found streets/before as what it starts from"):
        loader.recipes()


def test_a_groups_choice_takes_the_place_of_the_familys() -> None:
    narrower = {"what": "loss", "value": "another", "source": "ours", "where": "no source says it"}
    groups = [{"trainings": {"streets/net": None}, "choices": [narrower]}]
    recipe = RecipeFamily.model_validate(family(groups=groups)).recipes()["streets/net"]
    assert [choice.what for choice in recipe.own] == ["loss"]
    assert len(recipe.choices) == len(family()["choices"])


# ---- what a verdict says


@pytest.mark.parametrize("training", AT_SCALE)
def test_a_recipe_in_part_the_suites_own_is_a_departure_and_refutes_no_claim(training: str) -> None:
    """So no claim can be read as failed where what failed may be the suite's choice."""
    page = SUITE.reports[AT_SCALE[training]]
    context = context_of(loader.dataset(page.dataset), SUITE, AT_SCALE[training])
    run = Run(model=training.partition("/")[2], dataset=page.dataset, route="retrained", seed=0)
    measured = Measurement(
        "miou", 12.0, None, "percent", "standard", "test", run.model, run, Path("e.json"), trained=trained_networks(run)
    )
    claim = make.claim(variant=run.model, scoring="standard")
    spread = Spread(0.2, 2)
    judged = judge(claim, [measured] * 3, SUITE.tolerances, context, {("miou", "standard"): spread})
    own = {WORDS[choice.what] for stage in stages(training, RECIPES) for choice in stage.own}
    assert set(own_choices([training], RECIPES)) == own
    departures = [c.text for c in judged.conditions if (c.kind, c.about) == ("departure", "recipe")]
    assert len(departures) == bool(own)
    assert all(word in departures[0] for word in own)
    assert judged.outcome == ("undecided" if own else "not reproduced")
    readings = " ".join(c.text for c in judged.conditions if (c.kind, c.about) == ("reading", "recipe"))
    for stage in stages(training, RECIPES):
        for choice in stage.against_the_text:
            assert f"{WORDS[choice.what]} " in readings and f"(the paper: {choice.paper})" in readings


def test_the_words_of_a_verdict_follow_from_the_statement() -> None:
    chosen = own_choices(["cityscapes/ldn121"], RECIPES)
    assert {"optimiser", "learning rate", "length", "crop size", "batch size", "auxiliary weight"} <= set(chosen)
    assert own_choices(["cityscapes/ladder_densenet121_2017"], RECIPES) == ()
    # Of a stage before: the coarse stage's ImageNet weights are not the authors'.
    assert own_choices(["cityscapes/shelfnet50_coarse"], RECIPES) == ("initial weights",)
    assert own_choices(["streets/of_no_statement"], RECIPES) == ("everything",)


# ---- the page


def retrained(folder: Path, model: str, split: str, protocol: str, **more: Any) -> list[Path]:
    """Made-up evidence of a training on Cityscapes."""
    run = {"model": model, "dataset": "cityscapes", "route": "retrained", "seed": 0}
    place = Path("results/cityscapes", model, "retrained/seed0")
    (folder / place).mkdir(parents=True)
    scores = make.scores(51.0, protocol) + (make.scores(52.0) if protocol != "standard" else [])
    evaluation = make.evaluation(run, scores).model_copy(update={"split": split})
    training = make.training(run).model_copy(update=more)
    for record in (evaluation, training):
        evidence_file.write(folder / place / f"{record.kind}.json", record)
    return [place / "evaluation.json", place / "training.json"]


def test_pages_print_the_statement_beside_every_verdict_on_weights_trained_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    best = Selection(metrics=("mIoU",), iterations=(100, 200, 300), scores=(40.0, 52.5, 51.0), chosen=200, epoch=2)
    evidence = [
        *retrained(tmp_path, "ldn121", "val", "standard"),
        *retrained(tmp_path, "ladder_densenet121_2017", "val", "standard", selection=best, compiled=True),
    ]
    report.main(
        PROJECT / "config/suite.yaml", "cityscapes", tmp_path / "page.html", evidence, Path("none"), Path("none")
    )
    page = re.sub(r"\s+", " ", (tmp_path / "page.html").read_text())
    rows = re.findall(r'<tr role="row" class="opens".*?</tr>', page)
    (of_ldn,) = [row for row in rows if "results/cityscapes/ldn121/retrained" in row]
    assert "departure (recipe): the suite chose augmentation, crop size, batch size, loss, auxiliary weight" in of_ldn
    assert 'href="#recipes"' in of_ldn
    of_ladder = [row for row in rows if "results/cityscapes/ladder_densenet121_2017/retrained" in row]
    assert of_ladder and not any("the suite chose" in row for row in of_ladder)
    assert all("1024x448, neither crop nor paint" in row for row in of_ladder)
    for network in ("ldn121", "ladder_densenet121_2017"):
        (statement,) = re.findall(rf'<div id="recipe-cityscapes-{network}">.*?</details>', page)
        for choice in RECIPES[f"cityscapes/{network}"].choices:
            assert f'<th scope="row">{WORDS[choice.what]}</th>' in statement
    assert "weights of epoch 2 of 3, the best on the validation split by mIoU (52.50 %)" in page
    assert "weights of the last iteration" in page
    of_trainings = re.search(r'<h2 id="training">.*?</section>', page)[0]
    assert re.findall(r"<tr><th scope=\"row\">(\S+),.*?(, compiled)?</td></tr>", of_trainings.replace("<wbr>", "")) == [
        ("ldn121", ""),
        ("ladder_densenet121_2017", ", compiled"),
    ]


def test_a_choice_that_is_not_the_best_is_refused() -> None:
    with pytest.raises(ValueError, match="the first of the best validations, 2, at iteration 200"):
        Selection(metrics=("mIoU",), iterations=(100, 200, 300), scores=(40.0, 52.5, 52.5), chosen=300, epoch=3)


def test_evidence_from_before_there_was_a_choice_is_read() -> None:
    older = make.training(make.run("retrained", "drawn")).model_dump(mode="json")
    del older["selection"]
    assert Training.model_validate(older).selection is None
