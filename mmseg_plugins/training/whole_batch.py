"""Several processes that share a batch, and train as one process would on all of it."""

from typing import Any

import torch
from mmengine.config import Config
from mmengine.dist import all_reduce, all_reduce_dict, get_world_size
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import OptimWrapper
from mmseg.models.losses import CrossEntropyLoss
from mmseg.models.losses.cross_entropy_loss import cross_entropy
from mmseg.registry import MODEL_WRAPPERS
from torch import Tensor, nn

from segrepro.errors import SegReproError


def share_batch(settings: Config, device: torch.device) -> None:
    """Changes a config so that several processes train its recipe together; one process keeps it as it is.

    Each takes its share of the recipe's batch, so learning rate and number of iterations stay. The config's `sync_bn`
    says whether batch norms take their statistics of the whole batch (`"torch"`) or of each share (None). Where it
    says nothing it is the whole batch, as on one GPU.

    Args:
        settings: an MMSegmentation config.
        device: where the processes compute.

    Raises:
        SegReproError: the batch cannot be divided equally.
    """
    processes = get_world_size()
    if processes == 1:
        return
    batch = settings.train_dataloader.batch_size
    if batch % processes:
        possible = ", ".join(str(number) for number in range(1, batch + 1) if batch % number == 0)
        raise SegReproError(
            f"{settings.filename}: train_dataloader.batch_size: found {batch} images, which {processes} GPUs cannot"
            f" share equally; expected {possible} GPUs. Next: --set-resources train:gpu=1, or another of these"
        )
    settings.train_dataloader.batch_size = batch // processes
    settings.launcher = "pytorch"
    settings.setdefault("sync_bn", "torch")
    settings.model_wrapper_cfg = {
        "type": "mmseg.WholeBatchDataParallel",
        "find_unused_parameters": settings.get("find_unused_parameters", False),
    }
    if device.type == "cpu":
        settings.model_wrapper_cfg["device_ids"] = None
    if settings.get("val_evaluator"):
        settings.val_evaluator.collect_device = "gpu"  # and not by files in a folder; means no GPU where there is none


@MODEL_WRAPPERS.register_module()
class WholeBatchDataParallel(MMDistributedDataParallel):
    """MMEngine's wrapper, which averages gradients over the processes; their losses are such that this is exact.

    A cross-entropy is divided by what the whole batch counts (labelled pixels, or their class weights), where each
    process would divide by its own; and what is logged is the whole batch's.
    """

    def __init__(self, module: nn.Module, **kwargs: Any) -> None:
        super().__init__(module, **kwargs)
        for loss in module.modules():
            if isinstance(loss, CrossEntropyLoss) and loss.cls_criterion is cross_entropy:
                loss.register_forward_hook(_of_whole_batch, with_kwargs=True)

    def train_step(self, data: Any, optim_wrapper: OptimWrapper) -> dict[str, Tensor]:
        """One step on this process's share.

        Returns:
            The losses of the whole batch, the same in every process.
        """
        own = super().train_step(data, optim_wrapper)
        values: dict[str, Tensor] = {name: value.detach().clone() for name, value in own.items()}
        all_reduce_dict(values, op="mean")
        return values


def _of_whole_batch(loss: CrossEntropyLoss, inputs: tuple[Any, ...], named: dict[str, Any], value: Tensor) -> Tensor:
    """Scales a loss so that its mean over the processes is that of the whole batch."""
    scaled: Tensor
    if loss.reduction == "sum":
        scaled = value * get_world_size()
        return scaled
    logits, labels = inputs
    if loss.class_weight is None and not loss.avg_non_ignore:
        return value  # every pixel counts, and each process has as many
    valid = labels[labels != named["ignore_index"]]
    if loss.class_weight is None:
        own = logits.new_tensor(valid.numel())
    else:
        own = logits.new_tensor(loss.class_weight)[valid].sum()
    of_all = own.clone()
    all_reduce(of_all, op="mean")
    scaled = value * (own / of_all.clamp(min=torch.finfo(of_all.dtype).tiny))
    return scaled
