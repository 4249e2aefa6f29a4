"""How the suite is installed: from a checkout, editable; never from an archive of its Python files alone."""

import subprocess
import sys
import sysconfig

import pytest

from tests.checkout import Checkout

OFFLINE = ("--no-index", "--no-deps", "--no-build-isolation")


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "segrepro")


def python(checkout, *arguments):
    done = subprocess.run(
        [sys.executable, *arguments], cwd=checkout.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "attempt",
    [
        ["-m", "pip", "wheel", ".", *OFFLINE, "--wheel-dir", "made"],
        ["-m", "pip", "install", ".", *OFFLINE, "--target", "made"],
        # What `python -m build` and others call.
        ["-c", "from setuptools.build_meta import build_sdist; build_sdist('made')"],
    ],
    ids=["wheel", "install", "sdist"],
)
def test_no_archive_is_made_and_it_is_said_how_to_install(checkout, attempt):
    status, said = python(checkout, *attempt)
    assert status != 0
    assert said.count("error: SegRepro is run from a checkout and is neither a wheel nor an sdist: ") == 1
    assert "Clone the repository, type `make setup` in it" in said
    assert "Traceback" not in said
    assert not [*checkout.folder.rglob("*.whl"), *checkout.folder.rglob("*.tar.gz")]
    assert not [*checkout.folder.glob("made/*")]


def test_an_editable_install_finds_the_packages_and_all_that_lies_beside_them(checkout, tmp_path):
    status, said = python(
        checkout, "-m", "pip", "install", *OFFLINE, "--editable", ".", "--target", str(tmp_path / "site")
    )
    assert status == 0, said
    # Without the hooks of the environment's own editable install.
    use = (
        "import site, sys; sys.path += sys.argv[1:]; site.addsitedir(sys.argv[1]);"
        " from data_manifests import loader; print(loader.ROOT, len(loader.papers()))"
    )
    folders = [tmp_path / "site", sysconfig.get_path("purelib")]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", use, *folders], cwd=tmp_path, capture_output=True, text=True
    )
    papers = len([*(checkout.folder / "data_manifests/papers").glob("*.yaml")])
    assert done.stdout == f"{checkout.folder / 'data_manifests'} {papers}\n", done.stderr
