"""The pages in a browser."""

import re
import shutil
from itertools import pairwise
from pathlib import Path

import evidence_factory as make
import pytest

from reports.judging.rows import Table
from reports.pages import index

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PAGES = ("streets", "drawn", "index")
MANY = (
    "net_a", "net_b", "net_c_2017", "net_d_2017_single_loss", "net_e_densenet121", "net_f_densenet169_2017_spp",
    "net_g_densenet169_2017_full_resolution_frozen_bn", "net_h_resnet50_2017_scratch", "net_i",
)  # fmt: skip
A4 = 680
"""Width in CSS pixels between the margins that the pages ask for."""
CONTRAST = """elements => elements.map(element => {
    const luminance = color => color.match(/[\\d.]+/g).slice(0, 3)
        .map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
    let behind = element
    while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(getComputedStyle(behind).backgroundColor)]
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
})"""


def many_runs() -> str:
    """A page of more runs than fit side by side, some with long names."""
    runs = [{"model": model, "route": "retrained"} for model in MANY]
    plan = make.suite(reports={"drawn": {"title": "Many runs", "dataset": "drawn", "runs": runs}})
    written = []
    for i, model in enumerate(MANY):
        run = make.run("retrained", "drawn") | {"model": model}
        slower = make.inference(latency=make.latency(median_ms=80.0 + 9 * i, interval_ms=[79 + 9 * i, 81 + 9 * i]))
        for record in (
            make.evaluation(run, make.scores(30.0 + 4 * i)),
            make.profile(run).model_copy(update={"parameters": 350_000 * (i + 1) ** 2}),
            make.efficiency(run, slower),
            make.training(run),
        ):
            written.append(Path(f"results/drawn/{model}/retrained/seed0/{record.kind}.json"))
            written[-1].parent.mkdir(parents=True, exist_ok=True)
            written[-1].write_text(record.model_dump_json())
    return make.page("drawn", written, plan=plan)[1]


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
        Path("many.html").write_text(many_runs(), encoding="utf-8")
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
    chips = open_page("streets").locator("main .claims .chip").all_inner_texts()
    assert [re.sub(r"[^a-z ]", "", chip).strip() for chip in chips] == ["reproduced"] * 3 + ["not comparable"]


def test_provenance_opens_on_demand(open_page):
    page = open_page("streets")
    full = page.locator("#evidence-1 code", has_text="0123456789abcdef")
    assert not full.is_visible()
    page.locator(".cards summary").first.click()
    page.locator(".cards a", has_text="full provenance").first.click()
    full.wait_for(state="visible")


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


@pytest.mark.parametrize("name", [*PAGES, "many"])
def test_print_cuts_nothing_off(open_page, name):
    page = open_page(name, viewport={"width": A4, "height": 1000})
    page.emulate_media(media="print")
    edges = "all => all.map(element => element.getBoundingClientRect().right)"
    assert max(page.locator("body *").evaluate_all(edges)) <= A4 + 1
    sizes = "all => all.map(element => parseFloat(getComputedStyle(element).fontSize))"
    assert min(page.locator("table :is(th, td, .sub)").evaluate_all(sizes)) >= 10


def test_reason_of_a_verdict_has_the_width_of_the_paper(open_page):
    page = open_page("streets", viewport={"width": A4, "height": 1000})
    page.emulate_media(media="print")
    assert page.locator(".claims thead").evaluate_all("all => all.some(head => head.checkVisibility())") is False
    widths = page.locator(".claims .reason").evaluate_all("all => all.map(reason => reason.clientWidth)")
    assert min(widths) >= 0.95 * A4


def test_runs_that_do_not_fit_side_by_side_stand_in_several_tables(open_page):
    page = open_page("many", viewport={"width": 1280, "height": 800})
    heads = page.locator(".bars thead").evaluate_all("all => all.map(head => [...head.rows[0].cells].slice(1).length)")
    assert heads == [5, 4]
    frames = page.locator(".scroll:has(.bars)")
    assert frames.evaluate_all("all => all.map(frame => frame.scrollWidth - frame.clientWidth)") == [0, 0]
    assert frames.evaluate_all("all => all.map(frame => frame.ariaLabel)") == [
        f"IoU by class, part {i}" for i in (1, 2)
    ]


@pytest.mark.parametrize("name", ["drawn", "many"])
def test_chart_is_read_on_a_phone(open_page, name):
    page = open_page(name, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes, outside = page.locator("svg :is(text, tspan)").evaluate_all("""all => [
        all.map(text => {
            const {a, b} = text.getScreenCTM()
            return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b)
        }),
        all.filter(text => {
            const [own, whole] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()]
            return own.left < whole.left - 1 || own.right > whole.right + 1 || own.top < whole.top - 1
        }).map(text => text.textContent),
    ]""")
    assert min(sizes) >= 10
    assert outside == []
    overlaps = page.locator("svg").evaluate_all("""all => all.flatMap(svg => {
        const texts = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()])
        return texts.flatMap(([name, a], i) => texts.slice(i + 1)
            .filter(([_, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
                && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
            .map(([other]) => `${name} on ${other}`))
    })""")
    assert overlaps == []


def test_caption_is_read_without_scrolling_its_table(open_page):
    page = open_page("many", viewport={"width": 390, "height": 844})
    edges = page.locator(".scroll caption").evaluate_all("all => all.map(c => c.getBoundingClientRect().right)")
    assert edges
    assert max(edges) <= 390
