"""Pictures of predictions whose size is not that of the image file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.runner import Runner
from mmseg.engine.hooks import SegVisualizationHook
from mmseg.registry import HOOKS
from mmseg.structures import SegDataSample


@HOOKS.register_module()
class ScoredImageHook(SegVisualizationHook):
    """MMSegmentation's hook for `tools/test.py --show-dir`, which always draws on the image file.

    Where a test pipeline crops, resizes or pads the label map together with the image (`ScoreAtInputSize`), truth and
    prediction belong to what the pipeline made of the image, and are drawn on that.
    """

    def after_test_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict[str, Any], outputs: Sequence[SegDataSample]
    ) -> None:
        """Draws the predictions of a batch, if the hook is to draw."""
        if not self.draw:
            return
        inputs = data_batch["inputs"]
        # With test-time augmentation there is a batch for each view, the plain ones of a scale first.
        views = [inputs] if isinstance(inputs[0], torch.Tensor) else inputs
        for index, sample in enumerate(outputs):
            seen = (view[index] for view in views if view[index].shape[1:] == sample.pred_sem_seg.shape)
            image = next(seen, None)
            if image is None:  # the logits were resized to the file's size
                super().after_test_iter(runner, batch_idx, data_batch, [sample])
                continue
            self._test_index += 1
            self._visualizer.add_datasample(
                f"test_{Path(sample.img_path).name}",
                image.permute(1, 2, 0).numpy().astype(np.uint8)[..., ::-1],  # to RGB
                data_sample=sample,
                show=self.show,
                wait_time=self.wait_time,
                step=self._test_index,
            )
