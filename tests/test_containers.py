"""The container recipes, which no builder has tried: each installs what every other environment has, as they do."""

import re
import subprocess
from pathlib import Path

import yaml

from tests.checkout import BIN, PROJECT

RECIPES = sorted(path for path in (PROJECT / "workflow/containers").iterdir() if path.is_file())


def installation(text: str) -> list[str]:
    """The words behind `pip install` that the packages depend on."""
    (command,) = re.findall(r"-m pip install (.+)", text)
    return sorted(
        set(command.split()) - {"--no-cache-dir"} - {word for word in command.split() if "requirements" in word}
    )


def test_every_recipe_starts_from_the_image_of_the_integration_and_installs_the_lock():
    (job,) = yaml.safe_load((PROJECT / ".github/workflows/ci.yml").read_text())["jobs"].values()
    setup = (PROJECT / "Makefile").read_text()
    (of_setup,) = re.findall(r"-m pip install (.*--require-hashes.*)", setup)
    assert [path.name for path in RECIPES] == ["Dockerfile", "segrepro.def"]
    for recipe in RECIPES:
        text = recipe.read_text()
        assert re.search(r"^from:? (\S+)$", text, re.M | re.I)[1] == job["container"]
        assert re.search(r"^(?:COPY|   ) *requirements\.lock /opt/requirements\.lock$", text, re.M)
        assert installation(text) == installation(f"-m pip install {of_setup}")
        assert "--requirement /opt/requirements.lock" in text


def test_the_linter_of_dockerfiles_finds_nothing(tmp_path: Path):
    hadolint = str(BIN / "hadolint")
    done = subprocess.run([hadolint, *RECIPES[:1]], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    (tmp_path / "Dockerfile").write_text("FROM python\n")
    assert subprocess.run([hadolint, tmp_path / "Dockerfile"], capture_output=True).returncode != 0
