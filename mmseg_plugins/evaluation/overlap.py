"""Processes several images of a split at the same time, so that decoding, prediction and counting overlap."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore
from typing import TypeVar

import torch

Item = TypeVar("Item")
"""What is loaded for an image."""
Result = TypeVar("Result")
"""The result for an image."""

AHEAD = 2
"""Images that each thread works on in advance. On the CPU the same threads load and predict, so finished results wait
for the caller; for a GPU each thread holds what it has loaded until the network is free."""
IN_NETWORK = {"cpu": 2, "cuda": 1}
"""Images that the network processes at the same time. Two on the CPU, with half of the cores each: while one image is
decoded or counted, or in a layer that uses one core, the other image keeps the remaining cores busy. One image is
enough to keep a GPU busy, and more would need more memory."""
READERS = 8
"""Largest number of threads that load images for a GPU."""


def overlapped(
    read: Callable[[int], Item], predict: Callable[[Item], Result], num_images: int, device: torch.device
) -> Iterator[Result]:
    """Loads and predicts images in threads; decoders and networks release Python's global interpreter lock.

    Args:
        read: loads the image with a given index.
        predict: computes the result for a loaded image; called in inference mode.
        num_images: number of images.
        device: where the network computes.

    Yields:
        Results of `predict`, in the order of the images; only a few are computed in advance.

    Raises:
        Exception: that of `read` or `predict`, in place of the image's result. Later images that have been started are
            finished and dropped, and no other image is started.
    """
    cores = torch.get_num_threads()
    in_network = min(IN_NETWORK[device.type], cores)
    threads = in_network if device.type == "cpu" else min(READERS, os.cpu_count() or 1)
    free = Semaphore(in_network)

    def one(index: int) -> Result:
        item = read(index)
        with free, torch.inference_mode():
            return predict(item)

    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(cores // in_network,))
    try:
        waiting: deque[Future[Result]] = deque()
        for index in range(num_images):
            waiting.append(pool.submit(one, index))
            if len(waiting) > AHEAD * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(
            cores
        )  # Otherwise threads that are started later would use as few cores as those of the pool.
