"""The device that networks run on."""

import os

import mmengine.device.utils
import torch

from segrepro.errors import SegReproError

from .processes import is_one_of_several


def choose_device(name: str | None) -> torch.device:
    """Chooses a device, for MMEngine's runner as well, and says how it rounds: no TensorFloat-32, no denormal numbers.

    Each of several processes gets a GPU of its own. Numbers below 1.2e-38 count as zero on the CPU, in this thread and
    in all that it starts later.

    Args:
        name: cpu or cuda; None: cuda where there is one.

    Raises:
        SegReproError: the name is neither, or PyTorch finds no such device, or cannot run anything on it.
    """
    # Otherwise convolutions on a GPU, and matrix products if enabled, would round their inputs to ten bits. PyTorch's
    # older settings are used, because reading them may raise once the newer `fp32_precision` is set.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    # Weight decay has brought some published weights so near to zero that their products are denormal, and such a
    # product takes a CPU many times as long: ESPNet on CamVid took 4.3 times as long, with the same logits bit by bit.
    torch.set_flush_denormal(True)
    if name not in (None, "cpu", "cuda"):
        raise SegReproError(f"--device: found {name}; expected cpu or cuda")
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise SegReproError(
            f"--device: found cuda, but no GPU that {_build()} can use; expected a GPU that is visible to this process"
            " (CUDA_VISIBLE_DEVICES), with a driver for this version of CUDA. Correct that, or use --device cpu"
        )
    device = torch.device(name or ("cuda" if found else "cpu"))
    if device.type == "cuda":
        if is_one_of_several():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        _check_that_kernels_run()
    # MMEngine puts networks on the device that it found when it was imported.
    mmengine.device.utils.DEVICE = device.type
    return device


def repeat_exactly(device: torch.device) -> None:
    """Makes a training on a CPU repeat bit by bit; on a GPU it leaves the fast operations.

    There the bits would not be the same all the same, as some operations have no deterministic form; and every bilinear
    resize would become a slow one, by indices, that needs more memory.
    """
    torch.use_deterministic_algorithms(device.type == "cpu")
    # With it PyTorch writes NaN into all memory that it takes, for programs that read what they have not written. This
    # suite's trainings are the same bit by bit without, in five sixths of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # PyTorch makes it late


def _check_that_kernels_run() -> None:
    """Runs one kernel: PyTorch also reports GPUs as available that its build has no kernels for."""
    try:
        (torch.ones(1, device="cuda") + 1).item()
    except RuntimeError as error:
        raise SegReproError(
            f"--device: found {torch.cuda.get_device_name()}, on which {_build()} cannot run: it has kernels for"
            f" {', '.join(torch.cuda.get_arch_list())}, and the first one ended with {str(error).splitlines()[0]!r};"
            " expected a GPU that it can run on. Use --device cpu, hide the GPU from all programs"
            " (export CUDA_VISIBLE_DEVICES=), or install a build of PyTorch for this GPU"
        ) from None


def _build() -> str:
    return f"PyTorch {torch.__version__} (CUDA {torch.version.cuda or 'not included'})"
