"""Hides the output of libraries on the terminal."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

_LIBRARIES = r"(mmcv|mmseg|mmengine)(\.|$)"


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Hides what MMSegmentation, MMEngine and MMCV print to stdout, and their user warnings.

    Programs import them within it, as they print and warn while they are imported. Other output on stderr is still
    shown; nothing of our own is to be printed to stdout within it.
    """
    with redirect_stdout(io.StringIO()), quiet_warnings(), _quiet_tensorboard():
        yield


@contextmanager
def _quiet_tensorboard() -> Iterator[None]:
    """Leaves out the traceback of the thread that writes TensorBoard's files: its user gets the error again."""
    hook = threading.excepthook

    def tell(raised: threading.ExceptHookArgs) -> None:
        if not type(raised.thread).__module__.startswith("tensorboard."):
            hook(raised)

    threading.excepthook = tell
    try:
        yield
    finally:
        threading.excepthook = hook


@contextmanager
def quiet_warnings() -> Iterator[None]:
    """Leaves out the warnings of MMSegmentation and its kin, and no others.

    They are about parts that the suite does without on purpose (compiled operators, drawing hooks, losses that average
    over labelled pixels only) and would tear the progress bar.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module=_LIBRARIES)
        yield
