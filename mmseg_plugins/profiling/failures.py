"""Errors that mean that this machine cannot run a network."""

import torch
import torch._dynamo.exc

from segrepro.system_errors import FULL


def failure_of(error: Exception) -> str | None:
    """Describes an error that is due to the machine; None for any other error, which is a bug.

        Out-of-memory errors can also come from the driver, cuBLAS and cuDNN, whose errors have no type of their own.

    Raises:
        OSError: there is no room for what the compiler writes.
    """
    match error:
        case torch.cuda.OutOfMemoryError():
            return "out of memory"
        case torch._dynamo.exc.FailOnRecompileLimitHit():
            return "torch.compile failed: too many compilations"
        case torch._dynamo.exc.TorchDynamoException():
            cause = getattr(error, "inner_exception", error)
            if isinstance(cause, OSError) and cause.errno in FULL:
                raise cause  # the compiler's own files have no room: that is no measurement
            return f"torch.compile failed: {type(cause).__name__}"
        case RuntimeError() if "out of memory" in str(error) or "ALLOC_FAILED" in str(error):
            return "out of memory"
    return None
