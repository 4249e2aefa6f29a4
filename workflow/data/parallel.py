"""One function for many files at a time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Result = TypeVar("Result")

_CHUNK = 16


def each(function: Callable[[Item], Result], items: Sequence[Item], processes: int, description: str) -> list[Result]:
    """Calls a function for each item, with a progress bar; the results come in the order of the items.

    Processes do it, because the readers of annotations hold Python's lock. An error ends it after the items that are
    being worked on.

    Args:
        function: found by its name in a module, as another process must.
        items: what to call it with.
        processes: how many items are worked on at a time.
        description: stands before the bar.
    """
    # Spawned, not forked: the caller may run threads.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            done = pool.map(function, items, chunksize=_CHUNK)
            return list(tqdm(done, total=len(items), desc=description, unit="file", mininterval=1))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
