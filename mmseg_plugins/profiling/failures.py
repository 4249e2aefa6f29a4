"""Errors that mean that this machine cannot run a network."""

import torch
import torch._dynamo.exc


def failure_of(error: Exception) -> str | None:
    """Describes an error that is due to the machine; None for any other error, which is a bug.

    Out-of-memory errors can also come from the driver, cuBLAS and cuDNN, whose errors have no type of their own.
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
