"""MMEngine's Runner without log output that would break a progress bar."""

import logging
import sys
from typing import Any

from mmengine.logging import MMLogger
from mmengine.runner import Runner


class QuietRunner(Runner):
    """Shows warnings and errors only, on stderr; everything else still goes to the log file in the work folder."""

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """Builds MMEngine's logger and restricts its terminal handlers to warnings."""
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.setStream(sys.stderr)
                handler.setLevel(logging.WARNING)
                # MMEngine warns about deprecated classes that it uses itself.
                handler.addFilter(lambda record: "will be deprecated" not in record.getMessage())
        return logger
