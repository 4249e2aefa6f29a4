"""Conditions of a machine that affect its speed, such as clock rate and temperature."""

from collections.abc import Callable
from pathlib import Path

import pynvml
import torch

from data_manifests.schemas.evidence import Conditions

GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
FREQUENCY = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq")
TEMPERATURE = Path("/sys/class/thermal/thermal_zone0/temp")


class ConditionsOf:
    """Reads clock rate and temperature when it is created and when `read` is called.

    Args:
        device: where the measurements run; it should be warmed up, because an idle device lowers its clock rate.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._before = _clock_and_temperature(device)

    def read(self) -> Conditions:
        """The conditions; fields that cannot be read on this machine are None."""
        cuda = self._device.type == "cuda"
        after = _clock_and_temperature(self._device)
        clock, temperature = (None if None in pair else pair for pair in zip(self._before, after, strict=True))
        return Conditions(
            threads=torch.get_num_threads(),
            tf32=torch.backends.cudnn.allow_tf32 or torch.backends.cuda.matmul.allow_tf32 if cuda else None,
            cudnn_benchmark=torch.backends.cudnn.benchmark if cuda else None,
            cpu_governor=_read_text(GOVERNOR),
            clock_mhz=clock,
            temperature_c=temperature,
        )


def _clock_and_temperature(device: torch.device) -> tuple[float | None, float | None]:
    """MHz and degrees Celsius of the device."""
    if device.type == "cuda":
        return _query(torch.cuda.clock_rate, device), _query(torch.cuda.temperature, device)
    return _thousandths(FREQUENCY), _thousandths(TEMPERATURE)


def _query(sensor: Callable[[torch.device], int], device: torch.device) -> int | None:
    """A value from a GPU's management library; None where it gives none."""
    try:
        return sensor(device)
    # Errors of the library, such as for a sensor that the GPU does not have; errors of PyTorch, such as for a slice of
    # a GPU, which has no index; and for AMD's GPUs PyTorch imports a package that may not be installed.
    except (pynvml.NVMLError, RuntimeError, ModuleNotFoundError):
        return None


def _thousandths(file: Path) -> float | None:
    """The number in a file of Linux, in kHz or thousandths of a degree, over 1000; None where it cannot be read."""
    content = _read_text(file)
    return None if content is None else int(content) / 1000


def _read_text(file: Path) -> str | None:
    """Text of a file of Linux; None where the file is missing or its sensor gives an error."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return None
