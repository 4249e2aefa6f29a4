"""ESPNet's epochs of five passes: the authors' sizes, batches and order, and an exact resume within a pass."""

import json
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATA_SAMPLERS, init_default_scope
from torch.utils.data import DataLoader

import mmseg_plugins.datasets  # noqa: F401  registers what the configs name
from data_manifests import loader
from mmseg_plugins.training import run_digest
from mmseg_plugins.training.pass_batch_sampler import PassBatchSampler, Place
from mmseg_plugins.training.pass_train_loop import PassTrainLoop
from mmseg_plugins.training.seeded_dataset import SeededDataset
from mmseg_plugins.training.seeded_sampler import SampleKey, SeededInfiniteSampler
from segrepro.errors import SegReproError
from tests.test_training import KILL_HOOK, Project
from workflow.data.synthcity import draw

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
PASSES = [((1536, 768), 100), ((1280, 720), 100), ((512, 256), 0), ((768, 384), 32), ((1024, 512), 32)]
"""Size and largest margin of each pass on Cityscapes, in the authors' order."""
BATCHES = {"espnetc_p2q8": (12, 12, 16, 16, 14), "espnet_p2q8": (6, 6, 10, 10, 8)}


def sampler(images: int, batch_size: int = 2, more_images: tuple[int, ...] = (0, 3, 1), seed: int = 7):
    return PassBatchSampler(SeededInfiniteSampler(range(images), seed=seed), batch_size, more_images)


# ---- the recipe ----


def test_passes_have_the_authors_sizes_and_margins_in_their_order() -> None:
    pipeline = Config.fromfile(CONFIGS / "cityscapes/espnetc_p2q8.py").train_dataloader.dataset.dataset.pipeline
    (passes,) = (step.transforms for step in pipeline if step.type == "TransformsOfPass")
    found = [
        (resize.scale, sum(zoom.max_margin for zoom in others if zoom.type == "RandomCropResize"))
        for resize, *others in passes
    ]
    assert found == PASSES
    assert [step.type for step in pipeline] == [
        "LoadImageFromFile", "LoadAnnotations", "TransformsOfPass", "RandomFlip", "VoidAsClass", "PackSegInputs"
    ]  # fmt: skip


@pytest.mark.parametrize("name", BATCHES)
def test_an_epoch_is_five_passes_with_the_authors_batches(name: str) -> None:
    config = Config.fromfile(CONFIGS / f"cityscapes/{name}.py")
    images = loader.dataset("cityscapes").splits["train"].images
    described = config.train_dataloader
    init_default_scope(config.default_scope)
    batches = DATA_SAMPLERS.build(
        described.batch_sampler,
        default_args={"sampler": SeededInfiniteSampler(range(images), seed=0), "batch_size": described.batch_size},
    )
    assert tuple(batches.batch_sizes) == BATCHES[name]
    assert len(batches) == config.epoch
    sizes = [len(keys) for keys in islice(batches, config.epoch)]
    assert sum(sizes) == 5 * images
    assert sorted(set(sizes)) == sorted({*BATCHES[name], *(images % size for size in BATCHES[name])})


# ---- the sampler ----


def test_every_pass_takes_every_image_once_in_an_order_of_its_own_and_keeps_its_last_batch() -> None:
    batches = sampler(images=7)
    assert (batches.batch_sizes, batches.batches, len(batches)) == ([2, 5, 3], [4, 2, 3], 9)
    keys = list(islice(batches, 2 * len(batches)))
    assert [len(batch) for batch in keys] == 2 * [2, 2, 2, 1, 5, 2, 3, 3, 1]
    assert [batch[0].pass_number for batch in keys] == 2 * [0, 0, 0, 0, 1, 1, 2, 2, 2]
    flat = [key for batch in keys for key in batch]
    orders = [tuple(key.index for key in flat[start : start + 7]) for start in range(0, len(flat), 7)]
    assert all(sorted(order) == list(range(7)) for order in orders)
    assert len(set(orders)) == len(orders)
    assert len({key.seed for key in flat}) == len(flat)


def test_a_batch_knows_its_place() -> None:
    places = [sampler(images=7).place(number) for number in (0, 3, 4, 8, 9, 15)]
    assert places == [Place(0, 0, 0), Place(0, 0, 3), Place(0, 1, 0), Place(0, 2, 2), Place(1, 0, 0), Place(1, 2, 0)]


@pytest.mark.parametrize("images", [6, 7])
def test_a_training_that_goes_on_sees_the_batches_that_were_left(images: int) -> None:
    whole = list(islice(sampler(images), 30))
    for start in range(25):
        resumed = sampler(images)
        resumed.skip(start)
        assert list(islice(resumed, 30 - start)) == whole[start:]


def test_several_processes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = SeededInfiniteSampler(range(7), seed=0)
    monkeypatch.setattr(inner, "world_size", 2)
    with pytest.raises(SegReproError, match="found 2 training processes; expected 1"):
        PassBatchSampler(inner, 2, (0,))


class Recorded:
    """A dataset that knows what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[SampleKey] = []

    def __len__(self) -> int:
        return 7

    def __getitem__(self, key: SampleKey) -> SampleKey:
        self.asked.append(key)
        return key


def test_going_on_loads_nothing_that_was_trained_on() -> None:
    data = Recorded()
    keys = PassBatchSampler(SeededInfiniteSampler(data, seed=7), 2, (0, 3, 1))
    runner = SimpleNamespace(visualizer=SimpleNamespace())
    loop = PassTrainLoop(runner, DataLoader(data, batch_sampler=keys, collate_fn=list), max_iters=30)
    loop.dataloader_iterator.skip_iter(5)
    assert next(loop.dataloader_iterator) == data.asked == list(islice(sampler(7), 6))[5]


def test_the_loop_asks_for_passes() -> None:
    runner = SimpleNamespace(visualizer=SimpleNamespace())
    with pytest.raises(SegReproError, match="batch_sampler: found BatchSampler; expected PassBatchSampler"):
        PassTrainLoop(runner, DataLoader(Recorded(), batch_size=2), max_iters=30)


@pytest.mark.parametrize(
    ("part", "file"),
    [
        ({"train_dataloader": {"batch_sampler": {"type": "PassBatchSampler"}}}, "training/pass_batch_sampler.py"),
        ({"train_cfg": {"type": "PassTrainLoop"}}, "training/pass_train_loop.py"),
        ({"train_pipeline": [{"type": "TransformsOfPass", "transforms": []}]}, "datasets/transforms_of_pass.py"),
        ({"train_pipeline": [{"transforms": [[{"type": "RandomCropResize"}]]}]}, "datasets/random_crop_resize.py"),
    ],
)
def test_another_source_of_the_passes_is_another_training(part: dict, file: str) -> None:
    """Also of what one pass does, in lists within lists."""
    init_default_scope("mmseg")
    assert run_digest._files(Config(part)) == [CONFIGS.parent / file]


# ---- the program ----

EPOCH = 3 + 3 + 2 + 2 + 2
ITERATIONS = 4 * EPOCH
INTERVAL = 4
CONFIG = """\
_base_ = ["{configs}/synthcity/espnet_p2q3.py"]
custom_imports = dict(
    imports=["mmseg_plugins.datasets", "mmseg_plugins.networks", "mmseg_plugins.training", "kill_hook"]
)
custom_hooks = [*_base_.custom_hooks, dict(type="KillHook")]
default_hooks = dict(checkpoint=dict(interval={interval}))
data_root = "{data}"
train_pipeline = [
    dict(type="LoadImageFromFile", to_float32=True),
    dict(type="LoadAnnotations"),
    dict(
        type="TransformsOfPass",
        transforms=[
            [dict(type="Resize", scale=(192, 96)), dict(type="RandomCropResize", max_margin=12)],
            [dict(type="Resize", scale=(160, 88)), dict(type="RandomCropResize", max_margin=12)],
            [dict(type="Resize", scale=(64, 32))],
            [dict(type="Resize", scale=(96, 48)), dict(type="RandomCropResize", max_margin=4)],
            [dict(type="Resize", scale=(128, 64)), dict(type="RandomCropResize", max_margin=4)],
        ],
    ),
    dict(type="RandomFlip", prob=0.5, direction="vertical"),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(
    batch_size=2,
    num_workers={workers},
    batch_sampler=dict(type="PassBatchSampler", more_images=[0, 0, 2, 2, 1]),
    dataset=dict(dataset=dict(data_root=data_root, pipeline=train_pipeline)),
)
param_scheduler = []
train_cfg = dict(type="PassTrainLoop", max_iters={iterations})
"""


class Streets(Project):
    """Five drawn streets, ESPNet and five small passes."""

    def __init__(self, folder: Path):
        self.folder = folder
        manifest = loader.dataset("synthcity")
        split = manifest.splits["train"].model_copy(update={"images": 5})
        draw(manifest.model_copy(update={"splits": {"train": split}}), loader.label_set("cityscapes"), folder / "data")
        (folder / "kill_hook.py").write_text(KILL_HOOK)
        self.verified = folder / "verified.json"
        self.verified.write_text(json.dumps({"labelled_sha256": 64 * "a"}))

    def config(self, name: str = "streets", workers: int = 0) -> Path:
        path = self.folder / f"{name}.py"
        path.write_text(
            CONFIG.format(
                configs=CONFIGS, data=self.folder / "data", workers=workers, iterations=ITERATIONS, interval=INTERVAL
            )
        )
        return path


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Streets:
    return Streets(tmp_path_factory.mktemp("streets"))


@pytest.fixture(scope="module")
def undisturbed(streets: Streets):
    streets.train(streets.config(), "undisturbed")
    return streets.result("undisturbed")


@pytest.mark.slow
def test_a_sample_has_the_size_of_its_pass(streets: Streets) -> None:
    config = Config.fromfile(streets.config("sizes"), import_custom_modules=False)
    init_default_scope("mmseg")
    data = SeededDataset(config.train_dataloader.dataset.dataset.to_dict())
    keys = next(islice(PassBatchSampler(SeededInfiniteSampler(data, seed=0), 2, (0, 0, 2, 2, 1)), 6, None))
    assert [(key.pass_number, len(keys)) for key in keys] == 4 * [(2, 4)]
    batch = pseudo_collate([data[key] for key in keys])
    assert {tuple(image.shape) for image in batch["inputs"]} == {(3, 32, 64)}
    assert {sample.gt_sem_seg.shape for sample in batch["data_samples"]} == {(32, 64)}
    assert tuple(data[SampleKey(0, 0, pass_number=1)]["inputs"].shape) == (3, 88, 160)


@pytest.mark.slow
def test_the_loss_falls_and_the_bar_names_the_pass(streets: Streets, undisturbed) -> None:
    losses = undisturbed[0]
    assert len(losses) == ITERATIONS
    assert np.mean(losses[-EPOCH:]) < 0.8 * np.mean(losses[:EPOCH])
    said = (streets.folder / "undisturbed/log").read_text()
    assert "training, epoch 1, pass 1 of 5:" in said
    assert f"{ITERATIONS}/{ITERATIONS}" in said and "training, epoch 4, pass 5 of 5:" in said


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "kills"), [(0, [32]), (2, [18, 32])])
def test_a_training_killed_within_a_pass_ends_bit_for_bit_as_an_undisturbed_one(
    streets: Streets, undisturbed, workers: int, kills: list[int]
) -> None:
    """Before iteration 18 within the second pass, whose checkpoint it goes on from, and before 32 within the third."""
    config, run = streets.config(f"workers{workers}", workers), f"killed{workers}"
    for kill_at in kills:
        streets.train(config, run, kill_at=kill_at)
    said = streets.train(config, run)
    assert "iter_28.pth" in said and "training, epoch 3, pass 2 of 5:" in said and "training, epoch 1" not in said
    losses, rates, weights = streets.result(run)
    assert losses == undisturbed[0]
    assert rates == undisturbed[1]
    assert weights == undisturbed[2]


@pytest.mark.slow
def test_weights_are_numbers(streets: Streets, undisturbed) -> None:
    weights = torch.load(streets.folder / "undisturbed/weights.pth", weights_only=True)["state_dict"]
    assert all(value.isfinite().all() for value in weights.values())
