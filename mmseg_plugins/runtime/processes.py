"""Several processes that train one network together, one GPU each, as torchrun starts them."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
import torch.distributed
from mmengine.dist import barrier, is_main_process


def is_one_of_several() -> bool:
    """Whether torchrun started this process, which then says so in the environment."""
    return "LOCAL_RANK" in os.environ and "WORLD_SIZE" in os.environ


def number_of_processes() -> int:
    """How many torchrun started, this one among them; 1 where it did not."""
    return int(os.environ["WORLD_SIZE"]) if is_one_of_several() else 1


@contextmanager
def joined_processes(device: torch.device) -> Iterator[None]:
    """Joins the processes that torchrun started, if it started this one, while the body runs.

    Args:
        device: where they compute; `choose_device` has given each of them its own GPU.
    """
    if not is_one_of_several():
        yield
        return
    if device.type == "cuda":
        own = torch.device("cuda", torch.cuda.current_device())
        torch.distributed.init_process_group("nccl", device_id=own)
    else:
        torch.distributed.init_process_group("gloo")
    yield
    # Not after an error: then the others are not here, and torchrun ends them.
    torch.distributed.destroy_process_group()


@contextmanager
def held_by_first(lock: AbstractContextManager[None]) -> Iterator[None]:
    """Has the first of several processes hold a lock for all; the others go on when it has it."""
    if is_main_process():
        with lock:
            barrier()
            yield
    else:
        barrier()
        yield
