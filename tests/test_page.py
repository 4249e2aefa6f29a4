"""The pages in a browser."""

import re
import shutil
from itertools import pairwise
from pathlib import Path

import evidence_factory as make
import pytest

from reports import index
from reports.rows import Table

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PAGES = ("streets", "drawn", "index")
CONTRAST = """elements => elements.map(element => {
    const luminance = color => color.match(/[\\d.]+/g).slice(0, 3)
        .map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
    let behind = element
    while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(getComputedStyle(behind).backgroundColor)]
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sample pages."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        built = make.build(folder)
        # A second network, so that the page has both kinds of charts over costs beside the curve of the loss.
        plain = make.run("retrained", "drawn", 3) | {"model": "net_plain"}
        slower = make.inference(latency=make.latency(median_ms=160.0, interval_ms=[159, 161]))
        for record in (
            make.efficiency(make.run("retrained", "drawn")),
            make.efficiency(plain, slower),
            make.evaluation(plain, make.scores(30.5)),
            make.profile(plain).model_copy(update={"parameters": 1_200_000}),
        ):
            path = Path(f"results/drawn/{record.run.model}/retrained/seed{record.run.seed}/{record.kind}.json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(record.model_dump_json())
            built["drawn"].append(path)
        built["streets"].append(make.build_sensitivity(folder))
        for report, evidence in built.items():
            rows, page = make.page(report, evidence)
            table = Table(report=report, title=report, standard_protocol="standard", rows=tuple(rows))
            Path(f"{report}.html").write_text(page, encoding="utf-8")
            Path(f"{report}.json").write_text(table.model_dump_json(), encoding="utf-8")
        tables = index.built_tables(make.suite(), Path())
        listed = index.render(make.suite(), tables, [make.claim(dataset="Elsewhere")], [make.dataset(), make.drawn()])
        Path("index.html").write_text(listed, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, folder):
    """Opens a sample page from disk without a network; notes every request and every message of the console."""
    contexts = []

    def open_page(name, **settings):
        context = browser.new_context(offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.noted = []
        page.on("request", lambda request: page.noted.append(request.url))
        page.on("console", lambda message: page.noted.append(message.text))
        page.on("pageerror", lambda error: page.noted.append(str(error)))
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_needs_nothing_but_itself(open_page, folder, name):
    page = open_page(name)
    asked = [noted for noted in page.noted if not noted.startswith("data:")]
    assert asked == [(folder / f"{name}.html").as_uri()]
    assert page.locator("script").count() == 0
    widths = page.locator("img").evaluate_all("images => images.map(image => image.naturalWidth)")
    assert all(width == 480 for width in widths)
    assert (len(widths) > 0) == (name != "index")


@pytest.mark.parametrize("name", PAGES)
def test_page_never_scrolls_sideways(open_page, name):
    page = open_page(name)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_text_stands_out_in_both_color_schemes(open_page, name):
    page = open_page(name)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    text = page.locator("body :is(.chip, p, a, th, td, dt, dd, .sub, .caveat, summary, h1, h2, h3, figcaption, code)")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(background) < 200) == (scheme == "dark")
        assert min(text.evaluate_all(CONTRAST)) >= 4.5


def test_verdict_is_said_in_words(open_page):
    chips = open_page("streets").locator("main .cards .chip").all_inner_texts()
    assert [re.sub(r"[^a-z ]", "", chip).strip() for chip in chips] == ["reproduced"] * 3 + ["not comparable"]


def test_provenance_opens_on_demand(open_page):
    page = open_page("streets")
    full = page.locator("#evidence-1 code", has_text="0123456789abcdef")
    assert not full.is_visible()
    page.locator(".cards summary").first.click()
    page.locator(".cards a", has_text="full provenance").first.click()
    full.wait_for(state="visible", timeout=2000)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_open_to_assistive_technology(open_page, name):
    page = open_page(name)
    assert page.locator("html[lang=en]").count() == 1
    levels = page.locator("h1, h2, h3, h4, h5").evaluate_all("all => all.map(heading => Number(heading.tagName[1]))")
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("img:not([alt])").count() == 0
    assert page.locator(".scroll:not([tabindex][aria-label])").count() == 0
    assert page.locator("svg").count() == (3 if name == "drawn" else 0)
    ids = page.locator("[id]").evaluate_all("all => all.map(element => element.id)")
    assert len(set(ids)) == len(ids)
    referred = re.findall(r'(?:xlink:href="|url\()#([^")]+)', page.content())
    assert set(referred) <= set(ids)
    assert bool(referred) == (name == "drawn")
    links = page.locator("a[href^='#']").evaluate_all("all => all.map(link => link.hash.slice(1))")
    assert set(links) <= set(ids)
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("name", PAGES)
def test_print_shows_what_is_folded_on_the_screen(open_page, name):
    page = open_page(name)
    folded = page.locator("details:not([open]) > :not(summary)")
    visible = "all => all.filter(element => element.checkVisibility()).length"
    assert folded.evaluate_all(visible) == 0
    page.emulate_media(media="print")
    assert folded.evaluate_all(visible) == folded.count()
    assert page.pdf(format="A4").startswith(b"%PDF-")
