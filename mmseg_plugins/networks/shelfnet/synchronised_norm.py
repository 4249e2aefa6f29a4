"""Batch norm in training whose statistics are those of all processes' batches, for a scale of one's own.

PyTorch's `SyncBatchNorm` has its own scale, and no form for the CPU.
"""

from typing import Any

import torch
from mmengine.dist import all_reduce
from torch import Tensor


def synchronised_batch_norm(
    x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    eps: float,
    momentum: float = 0.1,
) -> Tensor:
    """Normalises as `torch.nn.functional.batch_norm` would do it in one process with the whole batch.

    Args:
        x: this process's share, (N, channels, H, W); every process calls this, in the same order.
        running_mean: (channels,); updated.
        running_var: (channels,), unbiased; updated.
        weight: (channels,).
        bias: (channels,).
        eps: added to the variance.
        momentum: share of this batch in the running statistics.

    Returns:
        The shape of `x`.
    """
    own = torch.full((1,), x.numel() / x.shape[1], dtype=x.dtype, device=x.device)
    sums = _sum_of_all(torch.cat([x.sum((0, 2, 3)), own]))
    count = sums[-1]
    mean = sums[:-1] / count
    centred = x - mean[:, None, None]
    # From the differences: mean of squares less square of mean would cancel digits.
    variance = _sum_of_all(centred.square().sum((0, 2, 3))) / count
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(variance * count / (count - 1), momentum)
    return centred * (weight * torch.rsqrt(variance + eps))[:, None, None] + bias[:, None, None]


class _SumOfAll(torch.autograd.Function):
    """The sum over the processes; what each of them makes of it has a share in the gradient."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:
        total = own.clone()
        all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        all_reduce(total)
        return total


def _sum_of_all(own: Tensor) -> Tensor:
    summed: Tensor = _SumOfAll.apply(own)
    return summed
