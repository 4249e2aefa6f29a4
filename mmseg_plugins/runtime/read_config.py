"""The config that a user names, read before any work."""

from pathlib import Path

from mmengine.config import Config

from segrepro.errors import SegReproError

from .quiet_libraries import quiet_libraries


def read_config(path: Path) -> Config:
    """Reads an MMSegmentation config; a Python config is a program, so any error may come out of it.

    Raises:
        SegReproError: the file cannot be read as a config, or describes no model.
    """
    try:
        with quiet_libraries():  # a config may import what prints
            config = Config.fromfile(path)
    except SegReproError:
        raise
    except Exception as error:
        # The config's own error; as it is the user's file, its text and not a traceback of MMEngine says what to do.
        raise SegReproError(
            f"{path}: found a file that cannot be read as a config ({type(error).__name__}: {error}); expected a config"
            " of MMSegmentation. Correct it, or take one of mmseg_plugins/configs"
        ) from error
    if not config.get("model"):
        raise SegReproError(
            f"{path}: model: found none; expected a config of MMSegmentation, which describes a network. Take one of"
            " mmseg_plugins/configs"
        )
    return config
