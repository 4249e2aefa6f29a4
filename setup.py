"""Refuses archives to install from: the suite runs from a checkout, of which Python packages are only a part."""

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.sdist import sdist
from setuptools.errors import SetupError

HOW_IT_IS_INSTALLED = (
    "SegRepro is run from a checkout and is neither a wheel nor an sdist: its programs need the rules, manifests,"
    " configs and templates beside them. Clone the repository, type `make setup` in it, and run it from there."
)


class RefusedWheel(bdist_wheel):
    """What `pip install .` and `pip wheel .` ask for; an editable install takes another way."""

    def run(self) -> None:
        """Ends with the message."""
        raise SetupError(HOW_IT_IS_INSTALLED)


class RefusedSdist(sdist):
    """What `python -m build` asks for first."""

    def run(self) -> None:
        """Ends with the message."""
        raise SetupError(HOW_IT_IS_INSTALLED)


setup(cmdclass={"bdist_wheel": RefusedWheel, "sdist": RefusedSdist})
