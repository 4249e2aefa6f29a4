"""The weights that the reference fixtures were made with: random, but fixed by the name of each entry."""

import zlib

import numpy as np


def filled(key: str, shape: tuple[int, ...]) -> np.ndarray:
    """One entry of an official state dict, float32 (int64 for batch-norm counters), by its official name and shape."""
    if key.endswith("num_batches_tracked"):
        return np.zeros(shape, np.int64)
    z = np.random.default_rng(zlib.crc32(key.encode())).standard_normal(shape)
    if key.endswith("running_var"):
        values = np.exp(0.2 * z)
    elif z.ndim >= 2:
        values = z * np.sqrt(2 / np.prod(shape[1:]))
    elif key.endswith("act.weight"):
        values = 0.25 + 0.05 * z
    elif key.endswith("weight"):
        values = 1 + 0.1 * z
    else:
        values = 0.1 * z
    return np.asarray(values, np.float32)
