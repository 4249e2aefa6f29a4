"""What the texts say is true: links lead somewhere, commands exist, counts and versions are those of the project."""

import re
import subprocess
import tomllib
from collections import Counter
from datetime import date

import pytest
import yaml

from data_manifests import loader
from tests.checkout import PROJECT

PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
LISTED = subprocess.run(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
    cwd=PROJECT, check=True, capture_output=True, text=True,
).stdout.split("\0")  # fmt: skip
TEXTS = sorted(PROJECT / name for name in LISTED if name and (PROJECT / name).is_file())
NAMES = [str(path.relative_to(PROJECT)) for path in TEXTS]
PAPERS = ("espnet_2018", "ladder_densenet_2017", "ladder_densenet_2019", "shelfnet_2018", "fcn_dilated_vgg_2017")
"""In the order of the README's table."""


def read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a text."""
    without_code = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    headings = re.findall(r"^#+ (.*)$", without_code, re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(text):
    for target in re.findall(r"\]\(([^)\s]+)\)", text.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        found = (text.parent / file).resolve() if file else text
        assert found.exists(), target
        assert not anchor or anchor in anchors(found.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_every_program_and_every_target_that_a_text_names_is_there(text):
    content = re.sub(r"<!--.*?-->", "", text.read_text(encoding="utf-8"), flags=re.S)
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", content, re.M)) <= targets
    for program in re.findall(r"workflow/scripts/\w+\.py", content):
        assert (PROJECT / program).is_file(), program


@pytest.mark.parametrize("name", ["README.md", "docs/using.md", "reports/measurements/README.md"])
def test_every_page_that_a_command_builds_has_its_report(name):
    pages = set(re.findall(r"snakemake .*?reports/(\w+)\.html", read(name)))
    assert pages
    assert pages <= {path.stem for path in (PROJECT / "config/reports").glob("*.yaml")}


def test_the_readme_counts_the_claims_that_papers_make_about_their_own_models():
    own = Counter(claim.paper for claim in loader.claims() if claim.own)
    table = read("README.md").partition("| paper | own claims |")[2].partition("\n\n")[0]
    counted = [int(number) for number in re.findall(r"^\| [^|]+ \| (\d+) \|", table, re.M)]
    assert counted == [own[paper] for paper in PAPERS]


def test_the_architecture_repeats_the_rules_that_are_checked():
    section = read("docs/architecture.md").partition("## What may import what")[2]
    rules = [" ".join(rule.split()).removesuffix(".") for rule in re.split(r"^- ", section, flags=re.M)[1:]]
    assert rules == [contract["name"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"]]


def test_the_architecture_names_rooms_that_are_there_and_leaves_none_out():
    text = read("docs/architecture.md")
    table = text.partition("| room | holds |")[2].partition("\n\n")[0]
    first_cells = "".join(re.findall(r"^\|([^|]+)\|", table, re.M))
    rooms = set(re.findall(r"`([a-z_/0-9]+)`", first_cells))
    drawn = set(re.findall(r"\"((?:mmseg_plugins|workflow|reports|data_manifests)[a-z_/]*)", text))
    assert all((PROJECT / room).is_dir() for room in rooms | drawn), rooms | drawn
    packages = {f"{name}/{path.name}" for name in ("mmseg_plugins", "reports") for path in (PROJECT / name).iterdir()
        if (path / "__init__.py").exists()}  # fmt: skip
    assert packages <= rooms


def test_version_and_date_are_the_same_everywhere():
    citation = yaml.safe_load(read("CITATION.cff"))
    version, day = re.search(r"^## (\S+) - (\S+)$", read("CHANGELOG.md"), re.M).groups()
    assert version == PYPROJECT["project"]["version"] == citation["version"]
    assert date.fromisoformat(day) == citation["date-released"]


def test_the_citation_has_what_its_format_asks_for_and_says_what_the_project_says():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation.keys() >= {"cff-version", "message", "title", "authors"}
    assert (citation["cff-version"], citation["type"]) == ("1.2.0", "software")
    assert citation["license"] == PYPROJECT["project"]["license"]
    assert all(author["name"] for author in citation["authors"])
