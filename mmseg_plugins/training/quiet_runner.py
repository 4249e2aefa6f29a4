"""MMEngine's Runner without log output that would break a progress bar."""

import logging
import sys
from typing import Any

from mmengine.dist import is_main_process
from mmengine.logging import MMLogger
from mmengine.runner import Runner


class QuietRunner(Runner):
    """Shows warnings and errors only, on stderr; everything else still goes to the log file in the work folder.

    Of several processes the first alone warns.
    """

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """Builds MMEngine's logger, restricts it to warnings on the terminal, and lets a full disk end the training."""
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if isinstance(handler, logging.FileHandler):
                handler.handleError = _raise_again  # type: ignore[method-assign]  # logging's own way is a subclass
            else:
                handler.setStream(sys.stderr)
                handler.setLevel(logging.WARNING if is_main_process() else logging.ERROR)
                # MMEngine warns about deprecated classes that it uses itself.
                handler.addFilter(lambda record: "will be deprecated" not in record.getMessage())
        return logger


def _raise_again(record: logging.LogRecord) -> None:
    """In place of a traceback for each line that cannot be written, after which the training would go on."""
    raise
