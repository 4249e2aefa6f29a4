"""A terminal for our own words."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keeps off the terminal what MMSegmentation and its kin print, and their warnings about options not taken.

    They are warnings about parts that the suite does without on purpose (compiled operators, drawing hooks) and would
    tear the progress bar. Warnings of other origin, and everything on stderr, still show.
    """
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="mmcv|mmseg|mmengine")
        yield
