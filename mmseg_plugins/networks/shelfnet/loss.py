"""Loss of the lightweight ShelfNets: cross-entropy of the hard pixels alone (online hard example mining)."""

import math

import torch
from mmengine.dist import all_gather, all_reduce, get_world_size
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from segrepro.errors import SegReproError


@MODELS.register_module()
class ShelfNetOHEMLoss(nn.Module):
    """Cross-entropy, averaged over the pixels that the network finds hard.

    An ignored pixel has loss 0 and is a pixel like any other: it counts in the least number, and it thins out the mean
    where a batch has fewer valid pixels than that.

    Args:
        thresh: probability of the true class below which a pixel is hard; the authors' is 0.7.
        pixels_per_kept: at least one of this many pixels of a batch is kept, hard or not; the authors' is 16.
    """

    loss_name = "loss_ohem"
    """In the training log."""

    def __init__(self, thresh: float, pixels_per_kept: int) -> None:
        super().__init__()
        self.threshold = -math.log(thresh)
        self.pixels_per_kept = pixels_per_kept

    def forward(self, logits: Tensor, labels: Tensor, weight: None = None, ignore_index: int = 255) -> Tensor:
        """Scalar loss of logits (N, C, H, W) and labels (N, H, W), int64.

        Args:
            logits: of all classes.
            labels: train ids.
            weight: of pixels; MMSegmentation's heads hand over None.
            ignore_index: label of pixels without truth.
        """
        losses = cross_entropy(logits, labels, reduction="none", ignore_index=ignore_index).flatten()
        return mean_of_hard(losses, self.threshold, losses.numel() // self.pixels_per_kept)


def mean_of_hard(losses: Tensor, threshold: float, least: int) -> Tensor:
    """Mean of the losses above a threshold if they are more than `least`, else of the `least` largest.

    The authors sort all losses and look at the one with index `least`. Counting gives the same without the sort.
    Where several processes share a batch, its hard pixels are those of all, and the mean of the results is their mean.

    Args:
        losses: (pixels,), none negative; as many in each process.
        threshold: in the losses' unit.
        least: number of losses to keep at least, fewer than there are.

    Returns:
        A scalar.

    Raises:
        SegReproError: `least` is not between 1 and one less than the number of losses; the authors' index would not
            exist, or there would be nothing to average.
    """
    if not 0 < least < losses.numel():
        raise SegReproError(
            f"ShelfNetOHEMLoss: pixels_per_kept: found a batch of {losses.numel()} pixels of which {least} are to be"
            f" kept; expected between 1 and {losses.numel() - 1}. Set pixels_per_kept to at least 2 and at most the"
            " number of pixels in a batch"
        )
    hard = losses > threshold
    processes = get_world_size()
    if processes == 1:
        return losses[hard].mean() if hard.sum() > least else losses.topk(least).values.mean()
    number = hard.sum().to(losses.dtype)
    all_reduce(number, op="mean")
    if number > least:
        return losses[hard].sum() / number
    smallest = torch.cat(all_gather(losses.detach())).topk(least * processes).values[-1]
    return losses[losses >= smallest].sum() / least
