"""Errors by which a machine says that it cannot run a network as asked."""

import torch
import torch._dynamo.exc


def failure_of(error: Exception) -> str | None:
    """What an error says about the machine, in words; None for an error that is a mistake somewhere.

    Memory also ends outside PyTorch's allocator: in the driver, and in cuBLAS and cuDNN, whose errors have no type of
    their own.
    """
    match error:
        case torch.cuda.OutOfMemoryError():
            return "out of memory"
        case torch._dynamo.exc.FailOnRecompileLimitHit():
            return "torch.compile failed: too many compilations"
        case torch._dynamo.exc.TorchDynamoException():
            return f"torch.compile failed: {type(getattr(error, 'inner_exception', error)).__name__}"
        case RuntimeError() if "out of memory" in str(error) or "ALLOC_FAILED" in str(error):
            return "out of memory"
    return None
