"""Images of a split on their way at the same time, so that decoding, network and counting overlap."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore
from typing import TypeVar

import torch

Item = TypeVar("Item")
"""What is read of an image."""
Result = TypeVar("Result")
"""What is kept of an image."""

AHEAD = 2
"""Images for each thread that are on their way besides the one that is asked for. On the CPU, where the same threads
read and predict, finished results wait; for a GPU each thread holds what it has read until the network is free."""
IN_NETWORK = {"cpu": 2, "cuda": 1}
"""Images that are in the network at once. Two on the CPU, with half the cores each: decoding, counting and what a
layer does on one core keep only one image waiting then. A GPU is busy with one, and its memory filled."""
READERS = 8
"""Most threads that read for a GPU."""


def overlapped(
    read: Callable[[int], Item], predict: Callable[[Item], Result], num_images: int, device: torch.device
) -> Iterator[Result]:
    """Reads and predicts images in threads. Threads do, because decoders and networks release the interpreter's lock.

    Args:
        read: makes the network's input of the image with an index.
        predict: makes of that input what is kept of the image, in inference mode.
        num_images: number of images.
        device: where the network computes.

    Yields:
        What `predict` returns, in the order of the images; not more than a few are made before they are asked for.

    Raises:
        Exception: that of `read` or `predict`, in place of the image's result. Of later images, those on their way
            are finished and dropped, and no other begins.
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
        torch.set_num_threads(cores)  # Threads that others start later would have as few as those of the pool.
