"""Compiled forward and backward passes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch._dynamo
import torch._inductor.config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from segrepro.errors import SegReproError

from .final_weights import network_of


def require_compiler(device: torch.device) -> None:
    """Compiles one small function, before anything else takes time.

    Raises:
        SegReproError: PyTorch finds no compiler for the device, or none that works.
    """
    # What an earlier program compiled says nothing of a compiler that is there now.
    with failures_said(), torch._inductor.config.patch(force_disable_caches=True):
        torch.compile(lambda numbers: numbers + 1)(torch.ones(1, device=device))


@contextmanager
def failures_said() -> Iterator[None]:
    """Says in one message that something cannot be compiled.

    Raises:
        SegReproError: in place of PyTorch's errors, whose texts are pages long.
    """
    try:
        yield
    except (torch._dynamo.exc.TorchDynamoException, torch._dynamo.exc.FailOnRecompileLimitHit) as error:
        cause = getattr(error, "inner_exception", error)
        raise SegReproError(
            f"--compile: {type(cause).__name__}: {str(cause).strip().splitlines()[0]}; expected a compiler that PyTorch"
            " can use (on a CPU g++, or what CXX names), room in the folder of temporary files, and a network that can"
            " be compiled. See to that, or train without --compile"
        ) from None


class CompileHook(Hook):
    """Trains with passes that `torch.compile` has compiled: the same network in fewer walks over memory.

    Features and the layers of heads are compiled, for each size of batch anew. Losses, optimiser and validation are
    not; nor is the head of the Ladder DenseNet of 2019, whose `loss` does not call `forward`. Sums are rounded in
    another order than without, but the same way each time: a training that is killed and resumed ends with the same
    weights as one that is not.
    """

    def before_train(self, runner: Runner) -> None:
        """Puts the compiled passes in place; the compilation itself is part of the first step."""
        torch._dynamo.reset()  # compilations of another training in this process would count towards the limit
        # Where that is reached, PyTorch would go on without compiling, which nobody would notice but by the time.
        torch._dynamo.config.fail_on_recompile_limit_hit = True
        network: Any = network_of(runner)
        network.extract_feat = _in_training(network, network.extract_feat)
        for head in _heads(network):
            head.forward = _in_training(head, head.forward)


def _heads(network: Any) -> Iterator[Any]:
    yield network.decode_head
    auxiliary = getattr(network, "auxiliary_head", None)
    if auxiliary is not None:
        yield from auxiliary if isinstance(auxiliary, nn.ModuleList) else [auxiliary]


def _in_training(module: nn.Module, eager: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is compiled while its module trains, and as it was while it is validated."""
    compiled = torch.compile(eager, dynamic=False)

    def run(*args: Any) -> Any:
        return (compiled if module.training else eager)(*args)

    return run
