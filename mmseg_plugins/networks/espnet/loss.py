"""Class weights of the loss, counted from the training labels as ESPNet's authors do it."""

from concurrent.futures import ThreadPoolExecutor

import mmcv
import numpy as np
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from numpy.typing import NDArray
from tqdm import tqdm


def label_counts(labels: NDArray[np.uint8], num_classes: int) -> NDArray[np.int64]:
    """Counts the pixels of each class as the authors do.

    They divide the range between the image's own smallest and largest label into `num_classes` equal bins, so an image
    without the first or the last class is counted into wrong bins. The counts are theirs, errors included.

    Args:
        labels: shape (H, W), values 0 to `num_classes` - 1, void among them.
        num_classes: number of outputs of the network.

    Returns:
        Shape (`num_classes`,).
    """
    return np.histogram(labels, num_classes)[0]


def class_weights(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """1 / ln(1.10 + share of the class), the weights of the authors' training code, for counts over all images."""
    return np.asarray(1 / np.log(1.10 + counts / counts.sum()), np.float32)


@HOOKS.register_module()
class ClassWeightsHook(Hook):
    """Sets the class weights of the decode head's loss from the training labels before the first step.

    The labels are read as they are on disk; void, which this family learns, is the network's last output.
    """

    def before_train(self, runner: Runner) -> None:
        """Counts the training labels, which takes a second for about a hundred large maps, and sets the weights."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        outputs = model.decode_head.out_channels
        dataset = runner.train_dataloader.dataset.dataset

        def counts(index: int) -> NDArray[np.int64]:
            path = dataset.get_data_info(index)["seg_map_path"]
            labels = mmcv.imread(path, flag="unchanged", backend="pillow")
            return label_counts(np.where(labels == dataset.ignore_index, np.uint8(outputs - 1), labels), outputs)

        with ThreadPoolExecutor() as pool:
            images = pool.map(counts, range(len(dataset)))
            progress = tqdm(
                images, desc="class weights", total=len(dataset), unit="label map", disable=not is_main_process()
            )
            total = sum(progress, start=np.zeros(outputs, np.int64))
        model.decode_head.loss_decode.class_weight = class_weights(total).tolist()
