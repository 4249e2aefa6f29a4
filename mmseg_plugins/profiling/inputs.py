"""Size of the network's input, as the pipelines of a config produce it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate

from mmseg_plugins.networks.network import build_network
from mmseg_plugins.training.random_state import seeded
from segrepro.system_errors import naming

TYPICAL_SIZE = (500, 375)
"""Width and height that most images of PASCAL VOC have, for a step on images of many sizes."""
EXAMPLE_SIZES = ((400, 300), (300, 400))
"""Width and height of two images, as examples for a dataset with images of many sizes."""


def input_of_recipe(config: Config, width: int, height: int) -> tuple[int, int, int]:
    """Finds the size of a training batch, by running the training pipeline on a blank image.

    Args:
        config: MMSegmentation config with `train_dataloader`; its data need not exist.
        width: of the dataset's images, in pixels.
        height: of the dataset's images, in pixels.

    Returns:
        Batch size, height and width of the batches that the network trains on.
    """
    return config.train_dataloader.batch_size, *_input_size(config, "train", width, height)


def input_of_test(config: Config, image_size: tuple[int, int] | None) -> tuple[int, int] | None:
    """Finds the size of the network's input in a test, by running the test pipeline on a blank image.

    Args:
        config: MMSegmentation config with `test_dataloader`; its data need not exist.
        image_size: width and height of the dataset's images, in pixels; None where they have many sizes.

    Returns:
        Width and height of the network's input; None where it depends on the size of the image.
    """
    sizes = {_input_size(config, "test", *size) for size in ([image_size] if image_size else EXAMPLE_SIZES)}
    if len(sizes) > 1:
        return None
    ((height, width),) = sizes
    return width, height


def _input_size(config: Config, phase: str, width: int, height: int) -> tuple[int, int]:
    """Height and width of the network's input for a blank image."""
    dataset_cfg = config[f"{phase}_dataloader"].dataset
    while "dataset" in dataset_cfg:
        dataset_cfg = dataset_cfg.dataset
    preprocessor = build_network(config).data_preprocessor  # first, as it sets MMSegmentation's registries
    pipeline = Compose(dataset_cfg.pipeline)
    with TemporaryDirectory() as folder, seeded(0):
        image, labels = Path(folder, "image.png"), Path(folder, "labels.png")
        _write(image, np.zeros((height, width, 3), np.uint8))
        _write(labels, np.random.default_rng(0).integers(0, 2, (height, width), np.uint8))
        blank: dict[str, Any] = {
            "img_path": str(image),
            "seg_map_path": str(labels),
            "label_map": None,
            "reduce_zero_label": False,
            "seg_fields": [],
        }
        inputs = preprocessor(pseudo_collate([pipeline(blank)]), phase == "train")["inputs"]
    height, width = inputs.shape[2:]
    return height, width


def _write(path: Path, pixels: np.ndarray) -> None:
    """Writes a PNG; OpenCV itself would not say that the disk is full."""
    with naming(path):
        path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
