"""A dataset of a few pictures through the real chain: fetched from a server, prepared, verified, trained on, scored."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import yaml
from mmengine.config import Config

from data_manifests import loader
from data_manifests.schemas.dataset import Dataset
from mmseg_plugins.evaluation.predict import SplitPrediction, predict_split
from mmseg_plugins.evaluation.split import build_test_split
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.training.quiet_runner import QuietRunner
from tests.checkout import Checkout
from tests.http_server import Server, serving, whole

ONE_STEP = """\
_base_ = ["{configs}/_base_/datasets/{dataset}.py", "{configs}/_base_/models/espnet.py",
          "{configs}/_base_/schedules/short.py", "{configs}/_base_/runtime/default.py"]
data_preprocessor = dict(mean=[128] * 3, std=[64] * 3, size=(32, 32), pad_val=0, seg_pad_val=255, size_divisor=None)
model = dict(
    data_preprocessor=data_preprocessor, backbone=dict(q=1), decode_head=dict(num_classes={classes})
)
crop = [
    dict(type="LoadImageFromFile"), dict(type="LoadAnnotations"), dict(type="RandomCrop", crop_size=(32, 32)),
    dict(type="PackSegInputs"),
]
train_cfg = dict(max_iters=1)
train_dataloader = dict(
    batch_size=2, num_workers=0, persistent_workers=False, dataset=dict(dataset=dict(pipeline=crop))
)
"""


def tiny(name: str, archives: dict[str, bytes], images: dict[str, int | None]) -> Dataset:
    """The real manifest of a dataset, for archives of a few files and splits of a few images."""
    real = loader.dataset(name)
    sources = []
    for source in real.sources:
        content = archives[source.file]
        hashes = {
            kind: hashlib.new(kind, content).hexdigest() for kind in ("sha256", "sha1", "md5") if getattr(source, kind)
        }
        sources.append(source.model_copy(update={"bytes": len(content), "size_is_approximate": False, **hashes}))
    splits = {split: real.splits[split].model_copy(update={"images": count}) for split, count in images.items()}
    return real.model_copy(update={"sources": tuple(sources), "splits": splits})


def write_archives(folder: Path, archives: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, content in archives.items():
        (folder / name).write_bytes(content)
    return folder


def put(checkout: Checkout, manifest: Dataset, url: str | None = None) -> None:
    """Puts a manifest into a working copy; files that had addresses get one below `url`."""
    content = manifest.model_dump(mode="json")
    for source in content["sources"]:
        source["urls"] = [f"{url}/{source['file']}"] if source["urls"] else []
    path = checkout.folder / "data_manifests/datasets" / f"{manifest.id}.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


@contextmanager
def offered(checkout: Checkout, manifest: Dataset, archives: dict[str, bytes]) -> Iterator[Server]:
    """Puts a manifest into a working copy, with the addresses of a server that has those of its files that had one."""

    def reply(handler) -> None:
        whole(archives[Path(handler.path).name])(handler)

    with serving(reply) as server:
        put(checkout, manifest, server.url)
        yield server


def jpeg(width: int, height: int, seed: int) -> bytes:
    """A photograph of nothing, in three channels."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (4, 5, 3), np.uint8)
    return cv2.imencode(".jpg", cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))[1].tobytes()


def broken(file: Path, how: Callable[[bytes], bytes]) -> None:
    """Changes a file's content; a link is replaced."""
    content = how(file.read_bytes())
    file.unlink()
    file.write_bytes(content)


def train_and_predict(manifest: Dataset, project: Path, work_dir: Path) -> tuple[str, SplitPrediction]:
    """One step of training and one pass over the test split, on the data that is prepared below the current folder."""
    label_set = loader.label_set(manifest.label_set)
    config_file = work_dir / "one_step.py"
    config_file.write_text(
        ONE_STEP.format(configs=project / "mmseg_plugins/configs", dataset=manifest.id, classes=len(label_set.classes))
    )
    config = Config.fromfile(config_file)
    config.work_dir = str(work_dir / "training")
    parts = [f"{loop}_{part}" for loop in ("val", "test") for part in ("cfg", "dataloader", "evaluator")]
    runner = QuietRunner.from_cfg(Config({**config, **dict.fromkeys(parts)}))
    runner.train()
    assert np.isfinite(runner.message_hub.get_scalar("train/loss").current())
    split, dataset = build_test_split(config, manifest, label_set)
    network = build_network(config)
    network.load_state_dict(runner.model.state_dict())
    return split, predict_split(network, dataset, label_set)
