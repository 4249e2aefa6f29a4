"""A small network of MMSegmentation's own: a training step and an evaluation on the data of a base config."""

from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmseg.models.segmentors import BaseSegmentor
from mmseg.registry import DATASETS

import mmseg_plugins.datasets
import mmseg_plugins.training  # noqa: F401  both register what the base configs name
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation.predict import SplitPrediction, predict_split
from mmseg_plugins.evaluation.split import build_test_split
from mmseg_plugins.networks.network import build_network

BASES = Path(__file__).resolve().parents[1] / "mmseg_plugins/configs/_base_/datasets"


def config(base: str, data: Path, labels: LabelSet) -> Config:
    """A base config of a dataset, read from a folder of the test's, with a network."""
    settings = Config.fromfile(BASES / f"{base}.py")
    model = {
        "type": "EncoderDecoder",
        "data_preprocessor": {"type": "SegDataPreProcessor", "mean": [120.0] * 3, "std": [60.0] * 3, "size": (24, 32)},
        "backbone": {"type": "ResNet", "depth": 18, "stem_channels": 4, "base_channels": 4, "norm_cfg": {"type": "BN"}},
        "decode_head": {
            "type": "FCNHead",
            "in_channels": 4,
            "in_index": 0,
            "channels": 8,
            "num_classes": len(labels.classes),
            "ignore_index": labels.void.label,
            "norm_cfg": {"type": "BN"},
            "align_corners": False,
        },
        "test_cfg": {"mode": "whole"},
    }
    settings.merge_from_dict({"default_scope": "mmseg", "model": model})
    settings.train_dataloader.dataset.dataset.data_root = str(data)
    settings.test_dataloader.dataset.data_root = str(data)
    return settings


def train_and_score(
    settings: Config, manifest: Dataset, labels: LabelSet
) -> tuple[BaseSegmentor, float, SplitPrediction]:
    """One step of gradient descent on two training images, then counts over the test split.

    Returns:
        The network, its training loss, and the counts.
    """
    torch.manual_seed(0)
    network = build_network(settings).train()
    images = DATASETS.build(settings.train_dataloader.dataset.dataset)
    batch = network.data_preprocessor(pseudo_collate([images[0], images[1]]), True)
    loss = network.loss(**batch)["decode.loss_ce"]
    loss.backward()
    torch.optim.SGD(network.parameters(), lr=0.01).step()
    _, split = build_test_split(settings, manifest, labels)
    return network, loss.item(), predict_split(network, split, labels)


def counted(prediction: SplitPrediction) -> np.ndarray:
    """How many pixels of the split have each true class; void is last."""
    return prediction.counts.confusion.sum(axis=(0, 2))
