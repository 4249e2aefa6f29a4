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


@pytest.mark.parametrize(
    ("category", "first", "caption"),
    [
        ("Datasets", "synthcity", "Leaderboard, claims with verdicts and reasons"),
        ("Index", "all networks", "All papers and datasets at one look"),
        ("Papers", "espnet_2018", "What of one paper could be reproduced"),
        ("Badges", "espnet_2018", "for the README of its repository"),
        ("Pictures", "espnet_tiny", "An image of synthcity as scored"),
    ],
)
def test_pages_badges_and_pictures_have_captions(opened, category, first, caption):
    opened.get_by_text(category, exact=True).first.click()
    opened.wait_for_selector("table tbody tr")
    assert opened.locator("table tbody tr").first.inner_text().startswith(first)
    opened.locator("table tbody tr a[iconname='information-circle']").first.click()
    opened.wait_for_selector("text=Description")
    assert caption in opened.inner_text("body")
    assert set(opened.asked) <= {"file", "data", "blob"}
