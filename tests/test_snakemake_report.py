"""What `snakemake --report` shows of a finished page, made and opened without a network."""

import pytest

from tests.checkout import OFFLINE, Checkout

pytestmark = pytest.mark.slow

TARGETS = ("reports/synthcity.html", "reports/index.html", "--config", "stages=structure,accuracy,training")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A page with a training of seconds, and the index."""
    made = Checkout(tmp_path_factory.mktemp("finished") / "segrepro")
    made.shrink(2)
    for other in set((made.folder / "config/reports").glob("*.yaml")) - {made.folder / "config/reports/synthcity.yaml"}:
        other.unlink()
    done = made.snakemake(*TARGETS)
    assert done.returncode == 0, done.stdout
    return made


@pytest.fixture(scope="module")
def report(checkout, tmp_path_factory):
    offline = tmp_path_factory.mktemp("offline")
    (offline / "sitecustomize.py").write_text(OFFLINE.format(log=str(offline / "connections")))
    done = checkout.snakemake(*TARGETS, "--report", "report.html", PYTHONPATH=f"{offline}:{checkout.folder}")
    assert done.returncode == 0, done.stdout
    assert not (offline / "connections").exists()
    return checkout.folder / "report.html"


@pytest.fixture
def opened(report, browser):
    page = browser.new_context(offline=True).new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url.partition(":")[0]))
    page.goto(report.as_uri())
    yield page
    page.context.close()


def shown(page, category):
    """The lines of a category, and the caption of its first result."""
    page.get_by_text(category, exact=True).first.click()
    page.wait_for_selector("table tbody tr")
    lines = page.locator("table tbody tr").all_inner_texts()
    page.locator("table tbody tr a[iconname='information-circle']").first.click()
    page.wait_for_selector("text=Caption")
    return [line.split() for line in lines], page.inner_text("body")


@pytest.mark.parametrize(
    ("category", "lines", "caption"),
    [
        ("Datasets", [["synthcity"]], "Leaderboard, claims with verdicts"),
        ("Index", [["all", "networks"]], "All papers and datasets at one look"),
        ("Papers", [["espnet_2018"]], "What of one paper could be reproduced"),
        ("Badges", [["espnet_2018"]], "for the README of its repository"),
        ("Pictures", [["synthcity"]], ""),
    ],
)
def test_pages_and_figures_have_captions(opened, category, lines, caption):
    found, text = shown(opened, category)
    assert found[: len(lines)] == lines
    assert caption in text
