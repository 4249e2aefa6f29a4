"""Hides the output of libraries on the terminal."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Hides what MMSegmentation, MMEngine and MMCV print to stdout, and their user warnings.

    The warnings are about parts that the suite does not use (compiled operators, visualisation hooks), and they would
    break the progress bar. Warnings of other libraries and other output on stderr are still shown.
    """
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="mmcv|mmseg|mmengine")
        yield
