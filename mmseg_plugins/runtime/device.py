"""Where networks run."""

import mmengine.device.utils
import torch

from segrepro.errors import SegReproError


def choose_device(name: str | None) -> torch.device:
    """Chooses a device, has MMEngine's runner choose the same, and has float32 mean float32 there.

    Args:
        name: cpu or cuda; None: cuda where there is one.

    Raises:
        SegReproError: the name is neither, or PyTorch finds no such device, or cannot run anything on it.
    """
    # On a GPU convolutions would otherwise round their inputs to ten bits, and products of matrices if asked to. Both
    # by PyTorch's older settings: once a newer `fp32_precision` is set, reading the older ones may raise.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    if name not in (None, "cpu", "cuda"):
        raise SegReproError(f"--device: found {name}; expected cpu or cuda")
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise SegReproError(
            f"--device: found cuda, but no GPU that {_build()} can use; expected one, visible to this process"
            " (CUDA_VISIBLE_DEVICES) and with a driver as new as that CUDA. Correct that, or take --device cpu"
        )
    device = torch.device(name or ("cuda" if found else "cpu"))
    if device.type == "cuda":
        _check_that_kernels_run()
    # MMEngine places its networks where it found a device while it was imported.
    mmengine.device.utils.DEVICE = device.type
    return device


def _check_that_kernels_run() -> None:
    """Runs one: a GPU is available to PyTorch also where its build holds no kernels for it."""
    try:
        (torch.ones(1, device="cuda") + 1).item()
    except RuntimeError as error:
        raise SegReproError(
            f"--device: found {torch.cuda.get_device_name()}, on which {_build()} cannot run: it has kernels for"
            f" {', '.join(torch.cuda.get_arch_list())}, and the first one ended with {str(error).splitlines()[0]!r};"
            " expected a GPU that it can run on. Take --device cpu, hide the GPU from all programs"
            " (export CUDA_VISIBLE_DEVICES=), or install a build of PyTorch for this GPU"
        ) from None


def _build() -> str:
    return f"PyTorch {torch.__version__} (CUDA {torch.version.cuda or 'left out'})"
