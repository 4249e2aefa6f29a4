"""The section "Add a paper" of CONTRIBUTING.md works to the letter, and needs no change to a file that is there."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import BIN, PROJECT, Checkout

SECTION = re.search(r"^## Add a paper$(.*?)^## Habits$", (PROJECT / "CONTRIBUTING.md").read_text("utf-8"), re.M | re.S)[
    1
]
FILES = dict(re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", SECTION, re.M | re.S))
COMMANDS = [line for block in re.findall(r"^```bash\n(.*?)^```$", SECTION, re.M | re.S) for line in block.splitlines()]


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the project with the new paper's files, and a dataset that is drawn in a second."""
    copy = Checkout(tmp_path_factory.mktemp("copy") / "segrepro")
    manifest = copy.folder / "data_manifests/datasets/synthcity.yaml"
    shrunk = re.sub(r"images: \d+", "images: 4", manifest.read_text(encoding="utf-8"))
    manifest.write_text(shrunk, encoding="utf-8")
    before = contents(copy.folder)
    for name, text in FILES.items():
        assert not (copy.folder / name).exists(), f"{name} is there already"
        (copy.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (copy.folder / name).write_text(text, encoding="utf-8")
    after = contents(copy.folder)
    assert after.items() >= before.items()
    assert after.keys() - before.keys() == FILES.keys()
    return copy


def run(checkout: Checkout, command: str) -> str:
    environment = checkout.environment()
    environment["PATH"] = f"{BIN}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=checkout.folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def test_section_gives_every_file_and_three_commands() -> None:
    assert len(re.findall(r"^\*\*`", SECTION, re.M)) == len(FILES) == 12
    assert len(re.findall(r"^```\w+$", SECTION, re.M)) == len(FILES) + len(COMMANDS)
    assert [command.split()[0] for command in COMMANDS] == ["python", "python", "snakemake"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
def test_commands_that_check_the_claims_and_the_network_pass(checkout: Checkout, number: int) -> None:
    assert " passed" in run(checkout, COMMANDS[number])


@pytest.mark.slow
def test_new_code_is_in_the_projects_style(checkout: Checkout) -> None:
    python = " ".join(name for name in FILES if name.endswith(".py"))
    run(checkout, f"ruff check {python} && ruff format --check {python}")


@pytest.mark.slow
def test_page_shows_the_new_papers_claims_with_verdicts(checkout: Checkout) -> None:
    run(checkout, COMMANDS[2])
    rows = json.loads((checkout.folder / "reports/tinynet.json").read_text(encoding="utf-8"))["rows"]
    verdicts = {row["claim"]: row["outcome"] for row in rows if row["claim"]}
    assert verdicts == {
        "tinynet.t1.tinynet.miou": "undecided",
        "tinynet.t1.tinynet.params": "reproduced",
        "tinynet.t1.enet.miou": None,
        "tinynet.t1.enet.params": None,
    }
    page = (checkout.folder / "reports/tinynet.html").read_text(encoding="utf-8")
    assert "TinyNet on synthcity" in page
    assert "61.7" in page
    assert 'href="tinynet.html"' in (checkout.folder / "reports/index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_missing_file_of_the_authors_is_asked_for_at_once_and_converted_when_placed(checkout: Checkout) -> None:
    target = "results/synthcity/tinynet/official/seed0/weights.pth"
    refused = checkout.snakemake(target)
    assert refused.returncode != 0
    assert "must be placed by hand and are missing" in refused.stdout
    assert "weights/tinynet/tinynet.pth" in refused.stdout
    assert "There is no such file on the web" in refused.stdout
    assert "Traceback (most recent" not in refused.stdout
    save = (
        "import torch; from tests.test_tinynet import AuthorsNet; from pathlib import Path;"
        " file = Path('weights/tinynet/tinynet.pth'); file.parent.mkdir(parents=True);"
        " torch.save(AuthorsNet().state_dict(), file)"
    )
    run(checkout, f'{sys.executable} -c "{save}"')
    run(checkout, f"snakemake --cores 1 {target}")
    assert (checkout.folder / target).is_file()
    assert (checkout.folder / "weights/tinynet/tinynet.pth").is_file()
