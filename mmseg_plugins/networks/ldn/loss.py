"""The auxiliary loss of Ladder DenseNet: a coarse cell's target is the class histogram of its pixels (section 3)."""

import torch
from mmengine.dist import all_reduce
from torch import Tensor
from torch.nn.functional import cross_entropy

from segrepro.errors import SegReproError


def soft_targets(labels: Tensor, factor: int, num_classes: int, ignore_index: int) -> tuple[Tensor, Tensor]:
    """Shares of the classes in square cells of a label map.

    Args:
        labels: integers (N, H, W) in 0..num_classes - 1, or `ignore_index`.
        factor: side of a cell in pixels; H and W are multiples of it.
        num_classes: C.
        ignore_index: label of void.

    Returns:
        Shares of the C classes among the labelled pixels, float32 (N, C, H / factor, W / factor), 0 in a cell without
        any; and which cells count, bool (N, H / factor, W / factor): those less than half of which is void.

    Raises:
        SegReproError: H or W is no multiple of the factor.
    """
    count, height, width = labels.shape
    if height % factor or width % factor:
        raise SegReproError(
            f"label maps of the auxiliary losses: found {width}x{height} pixels; expected sides that are multiples of "
            f"{factor}. Correct the crop size of train_dataloader, or size_divisor of data_preprocessor"
        )
    rows, columns = height // factor, width // factor
    labels = torch.where(labels == ignore_index, num_classes, labels)
    cells = labels.reshape(count, rows, factor, columns, factor).permute(0, 1, 3, 2, 4).reshape(-1, factor**2)
    # One histogram per cell in one call; without weights it is deterministic on a GPU too.
    bins = cells + torch.arange(len(cells), device=labels.device)[:, None] * (num_classes + 1)
    histograms = torch.bincount(bins.flatten(), minlength=len(cells) * (num_classes + 1)).view(len(cells), -1)
    labelled = histograms[:, :num_classes].float()
    shares = labelled / labelled.sum(1, keepdim=True).clamp(min=1)
    counts = histograms[:, num_classes] < factor**2 / 2
    return shares.view(count, rows, columns, -1).permute(0, 3, 1, 2), counts.view(count, rows, columns)


def soft_cross_entropy(logits: Tensor, targets: Tensor, counts: Tensor) -> Tensor:
    """Cross-entropy with shares of classes, averaged over the cells that count; 0 if there are none.

    Where several processes share a batch, the mean of theirs is the average over all its cells.

    Args:
        logits: float (N, C, h, w).
        targets: float (N, C, h, w), see `soft_targets`.
        counts: bool (N, h, w).

    Returns:
        A scalar.
    """
    counted = counts.sum().to(logits.dtype)
    all_reduce(counted, op="mean")
    return (cross_entropy(logits, targets, reduction="none") * counts).sum() / counted.clamp(min=1)
