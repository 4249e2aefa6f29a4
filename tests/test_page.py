"""The pages in a browser."""

import csv
import io
import re
from itertools import pairwise
from pathlib import Path

import evidence_factory as make
import pytest

from benchmarks.pages import with_rows
from data_manifests import evidence_file, loader
from data_manifests.schemas.data_path import DataPath
from reports.pages import charts, index, paper
from reports.pages.page import render

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[1]
PAGES = ("streets", "drawn", "hostile", "index", "net_2018")
MANY = (
    "net_a", "net_b", "net_c_2017", "net_d_2017_single_loss", "net_e_densenet121", "net_f_densenet169_2017_spp",
    "net_g_densenet169_2017_full_resolution_frozen_bn", "net_h_resnet50_2017_scratch", "net_i",
)  # fmt: skip
HOSTILE = """<script>document.title = "run"</script>' onload='y' & <img src=x onerror="document.title='run'">"""
TOO_WIDE = """[...document.querySelectorAll('main > section')]
    .filter(section => section.scrollWidth > section.clientWidth).map(section => section.innerText.slice(0, 60))"""
LONG = 500
"""Claims of a page whose rows come into the table frame by frame."""
A4 = 680
"""Width in CSS pixels between the margins that the pages ask for."""


def many_runs() -> str:
    """A page of many networks, some with long names."""
    runs = [{"model": model, "route": "retrained"} for model in MANY]
    plan = make.suite(reports={"drawn": {"title": "Many runs", "dataset": "drawn", "runs": runs}})
    written = []
    for i, model in enumerate(MANY):
        run = make.run("retrained", "drawn") | {"model": model}
        slower = make.inference(latency=make.latency(median_ms=80.0 + 9 * i, interval_ms=[79 + 9 * i, 81 + 9 * i]))
        for record in (
            make.evaluation(run, make.scores(30.0 + 4 * i)),
            make.profile(run).model_copy(update={"parameters": 350_000 * (i + 1) ** 2, "inference_parameters": None}),
            make.efficiency(run, slower),
            make.training(run),
        ):
            written.append(Path(f"results/drawn/{model}/retrained/seed0/{record.kind}.json"))
            written[-1].parent.mkdir(parents=True, exist_ok=True)
            evidence_file.write(written[-1], record)
    return make.page("drawn", written, plan=plan)[1]


def hostile_claims():
    """Claims whose texts would run, were they not text; an address that would; a name that a spreadsheet would run."""
    source = {"document": "x", "location": HOSTILE, "url": "javascript:document.title='run'"}
    return [
        make.claim(ambiguity=HOSTILE, hardware=HOSTILE, source=source),
        make.claim(id="other.formula", model="=1+1", variant=None, own=False, role="comparison", value=99.0),
        make.claim(id="other.tag", model=HOSTILE, variant=None, own=False, role="comparison", citation=HOSTILE),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sample pages."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        built = make.build(folder)
        # A second network, so that the page has charts over costs beside the curve of the loss.
        plain = make.run("retrained", "drawn", 3) | {"model": "net_plain"}
        slower = make.inference(latency=make.latency(median_ms=160.0, interval_ms=[159, 161]))
        for record in (
            make.efficiency(make.run("retrained", "drawn")),
            make.efficiency(plain, slower),
            make.evaluation(plain, make.scores(30.5)),
            make.profile(plain).model_copy(update={"parameters": 1_200_000, "inference_parameters": None}),
        ):
            path = Path(f"results/drawn/{record.run.model}/retrained/seed{record.run.seed}/{record.kind}.json")
            path.parent.mkdir(parents=True, exist_ok=True)
            evidence_file.write(path, record)
            built["drawn"].append(path)
        built["streets"].append(make.build_sensitivity(folder))
        pages = []
        for report, evidence in built.items():
            _, view = make.view(report, evidence)
            pages.append(view.data)
            Path(f"{report}.html").write_text(render(view), encoding="utf-8")
            Path(f"{report}.json").write_text(view.data.model_dump_json(), encoding="utf-8")
        _, hostile = make.page("streets", built["streets"][:1], hostile_claims())
        Path("hostile.html").write_text(hostile, encoding="utf-8")
        Path("many.html").write_text(many_runs(), encoding="utf-8")
        Path("long.html").write_text(with_rows(Path("streets.html").read_text(), "claims", LONG), encoding="utf-8")
        drawn = loader.read(PROJECT / "reports/data_paths/shelfnet50.json", DataPath)
        known = [*make.claims(), make.claim(id="e", dataset="Elsewhere")]
        site = make.site(pages, known, paths={"net_small": drawn.model_copy(update={"model": "net_small"})})
        Path("index.html").write_text(index.render(index.index_of(site, "@software{segrepro}")), encoding="utf-8")
        Path("net_2018.html").write_text(paper.render(paper.paper_of("net_2018", site)), encoding="utf-8")
    return folder


@pytest.fixture
def open_page(browser, folder):
    """Opens a sample page from disk without a network; notes every request and every message of the console."""
    contexts = []

    def open_page(name, address="", **settings):
        context = browser.new_context(offline=True, **({"viewport": {"width": 1280, "height": 800}} | settings))
        contexts.append(context)
        page = context.new_page()
        page.noted = []
        page.on("request", lambda request: page.noted.append(request.url))
        page.on("console", lambda message: page.noted.append(message.text))
        page.on("pageerror", lambda error: page.noted.append(str(error)))
        page.goto((folder / f"{name}.html").as_uri() + address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def column(page, table, name):
    """The texts of one column, from top to bottom."""
    return page.locator(f"#{table}").evaluate(
        """(table, name) => {
            const at = [...table.tHead.rows[0].cells].findIndex(head => head.dataset.name === name)
            return [...table.tBodies[0].rows].map(row => row.cells[at].innerText.trim())
        }""",
        name,
    )


def claims_shown(page):
    return page.locator("#claims tbody tr").evaluate_all("all => all.map(row => row.id.replace('claim-', ''))")


@pytest.mark.parametrize("name", PAGES)
def test_page_needs_nothing_but_itself_and_runs_only_its_own_scripts(open_page, folder, name):
    page = open_page(name)
    asked = [noted for noted in page.noted if not noted.startswith("data:")]
    assert asked == [(folder / f"{name}.html").as_uri()]  # nor a word of the policy or of an error
    assert page.title() != "run"
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    written = re.sub(r"<(script|style)>.*?</\1>", "", (folder / f"{name}.html").read_text(), flags=re.DOTALL)
    assert re.findall(r"<[^>]*\s(?:style|on\w+)=", re.sub(r'"[^"]*"', '""', written)) == []
    assert 'href="javascript' not in written
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'document.title = 1'}))")
    assert page.title() != "1"


SKIPPED = """[...document.querySelectorAll('main, main *')]
    .filter(part => getComputedStyle(part).contentVisibility === 'auto').map(part => part.tagName)"""


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_left_out_of_a_picture_of_the_whole_page(open_page, name):
    assert open_page(name).evaluate(SKIPPED) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_never_scrolls_sideways(open_page, name):
    page = open_page(name)
    for width in (320, 360, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # A section cuts what is wider than it, and says so all the same.
        assert page.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_breaks_no_rule_of_accessibility(open_page, name):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(name)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(background) < 200) == (scheme == "dark")
        found = [(rule["id"], rule["nodes"][0]["html"]) for rule in Axe().run(page).response["violations"]]
        assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_structure_and_every_link_a_target(open_page, name):
    page = open_page(name)
    levels = page.locator("h1, h2, h3, h4, h5").evaluate_all("all => all.map(heading => Number(heading.tagName[1]))")
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("th:not([scope])").count() == 0
    content = page.evaluate("fetch ? document.documentElement.outerHTML : ''")
    ids = page.locator("[id]").evaluate_all("all => all.map(element => element.id)")
    assert len(set(ids)) == len(ids)
    hidden = set(re.findall(r' id="([^"]+)"', Path(page.url.removeprefix("file://").split("#")[0]).read_text()))
    links = page.locator("a[href^='#']").evaluate_all("all => all.map(link => link.getAttribute('href').slice(1))")
    assert set(links) <= hidden
    assert set(re.findall(r'(?:xlink:href="|url\()#([^")]+)', content)) <= hidden


def test_first_screen_has_title_chips_files_and_the_leaderboard(open_page):
    page = open_page("streets")
    seen = "element => element.getBoundingClientRect().bottom <= innerHeight"
    for part in ("h1", ".counts", ".actions", ".contents", "#networks tbody tr:first-child"):
        assert page.locator(part).evaluate(seen), part
    page.evaluate("scrollTo(0, 1500)")
    assert page.locator(".contents").evaluate("nav => nav.getBoundingClientRect().top") == 0


def test_columns_sort_both_ways_and_the_address_keeps_it(open_page):
    page = open_page("many")
    measured = [30.0 + 4 * i for i in range(len(MANY))]
    head = page.locator("#networks th[data-name=measured]")
    for order, networks in (("descending", list(MANY[::-1])), ("ascending", list(MANY))):
        head.click()
        page.wait_for_selector(f"#networks th[data-name=measured][aria-sort={order}]")  # Sorted a moment later.
        assert column(page, "networks", "network") == networks
    page.wait_for_url("**?networks.sort=measured")  # Written a moment later, too.
    again = open_page("many", "?networks.sort=-parameters")
    assert column(again, "networks", "network") == list(MANY[::-1])
    assert [float(v.split()[-2 if "best" in v else 0]) for v in column(page, "networks", "measured")[:1]] != measured[
        1:
    ]


def test_missing_values_come_last_in_either_direction(open_page):
    page = open_page("streets", "?networks.sort=reported")
    assert column(page, "networks", "reported")[-1] == ""
    page = open_page("streets", "?networks.sort=-reported")
    assert column(page, "networks", "reported")[-1] == ""


def test_search_filter_columns_and_quoted_rows_are_in_the_address(open_page):
    page = open_page("streets")
    assert "Other" not in column(page, "networks", "network")
    page.get_by_role("checkbox", name="quoted methods").check()
    assert "Other" in column(page, "networks", "network")
    form = page.locator("form[data-for=networks]")
    form.get_by_label("Search").fill("oTHer")
    assert column(page, "networks", "network") == ["Other"]
    form.locator("summary").click()
    form.locator("input[name=columns][value=split]").uncheck()
    assert page.locator("#networks th[data-name=split]").count() == 0
    page.wait_for_url(lambda address: "networks.columns=" in address)
    again = open_page("streets", "?" + page.url.partition("?")[2])
    assert column(again, "networks", "network") == ["Other"]
    assert again.locator("#networks th[data-name=split]").count() == 0
    assert again.locator("[data-found=networks]").inner_text().startswith("1 of ")
    again.locator("form[data-for=networks] button[type=reset]").click()
    again.wait_for_url(lambda address: "?" not in address)
    assert "Other" not in column(again, "networks", "network")
    assert again.locator("#networks th[data-name=split]").count() == 1


def test_claims_without_a_measurement_and_quoted_ones_are_filtered_out_at_first(open_page):
    page = open_page("streets")
    assert "net.miou" in claims_shown(page)
    assert not {"big.miou", "other.miou"} & set(claims_shown(page))
    page.locator(".counts a", has_text="not run").click()
    assert "big.miou" in claims_shown(page)
    assert "net.miou" not in claims_shown(page)
    assert page.url.endswith("?claims.outcome=not-run&networks.outcome=not-run#leaderboard")
    page.go_back()
    page.wait_for_url(lambda address: "?" not in address)
    assert "net.miou" in claims_shown(page)


def test_chips_filter_the_leaderboard_and_the_claims(open_page):
    page = open_page("streets")
    chips = page.locator(".counts a").all()
    assert sum("&networks." in chip.get_attribute("href") for chip in chips) > 2
    for chip in chips:
        outcome = chip.inner_text().split(" ", 1)[1].rpartition(" ")[0]
        chip.click()
        of_claims = {text.split(" ", 1)[1] for text in page.locator("#claims td[data-order] .chip").all_inner_texts()}
        on_board = {text.split(" ", 1)[-1] for text in column(page, "networks", "outcome")}
        if outcome == "quoted":
            assert "other.miou" in claims_shown(page)
            assert "Other" in column(page, "networks", "network")
        else:
            assert of_claims == {outcome}
            assert on_board == {outcome} or page.url.endswith("#claims-section")  # the leaderboard has none


def test_link_to_a_claim_opens_it_whatever_is_filtered(open_page):
    page = open_page("streets", "?claims.outcome=reproduced#claim-other.miou")
    row = page.locator("[id='claim-other.miou']")
    assert row.locator(".opened").is_visible()
    assert row.evaluate("row => row.getBoundingClientRect().top < innerHeight")
    page.locator("a[href='#claim-net.miou']").first.click()
    opened = page.locator("[id='claim-net.miou'] .opened")
    opened.wait_for(state="visible")
    for said in ("README.md", "line 42", "480x360", "commit 0123456", "snakemake", "void as a class"):
        assert said in opened.inner_text()
    full = page.locator("#evidence-1 code", has_text="0123456789abcdef")
    assert not full.is_visible()
    opened.get_by_text("full provenance").first.click()
    full.wait_for(state="visible")


def test_rows_out_of_sight_follow_in_their_order(open_page):
    page = open_page("long", "?claims.outcome=&claims.sort=-reported")
    rows = page.locator("#claims tbody tr")
    rows.nth(LONG - 1).wait_for(state="attached")
    assert rows.count() == LONG
    values = [float(value) for value in rows.evaluate_all("all => all.map(row => row.cells[4].dataset.order)")]
    assert values == sorted(values, reverse=True)
    before, first, after = page.locator("#claims").evaluate("""table => {
        const before = document.documentElement.scrollHeight
        table.querySelector("th[data-name=reported] button").click()
        return [before, table.tBodies[0].rows.length, document.documentElement.scrollHeight]
    }""")
    assert 0 < first < LONG
    assert after == pytest.approx(before, rel=0.05), "what stands below stays where it is"
    rows.nth(LONG - 1).wait_for(state="attached")
    assert page.evaluate("document.querySelector('#claims').style.marginBlockEnd") == "0px"


def test_a_link_and_paper_wait_for_no_row(open_page):
    page = open_page("long", "?claims.outcome=")
    last = page.locator("#claims tbody tr").last.get_attribute("id")
    page = open_page("long", f"?claims.outcome=&claims.sort=reported#{last}")
    assert page.locator(f"[id='{last}'] .opened").is_visible()
    page.evaluate("document.querySelector('#claims th[data-name=reported] button').click()")
    assert (
        page.evaluate(
            "dispatchEvent(new Event('beforeprint')), document.querySelector('#claims').tBodies[0].rows.length"
        )
        == LONG
    )


def test_nothing_found_is_said(open_page):
    page = open_page("streets", "?claims.q=nothing-has-this-name")
    assert page.locator("#claims tbody").inner_text() == "No row fits. Reset the filters to see all rows."
    assert page.locator("[data-found=claims]").inner_text().startswith("0 of ")


def test_everything_is_reached_by_keyboard(open_page):
    page = open_page("drawn")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.locator("#networks th[data-name=measured] button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#networks th[data-name=measured][aria-sort=descending]")  # Sorted a moment later.
    point = page.locator(".chart svg a").first
    point.focus()
    assert "net_" in page.evaluate("document.activeElement.querySelector('title').textContent")
    slider = page.locator("input[data-compare]").first
    slider.focus()
    before = page.locator(".over").first.evaluate("over => over.style.clipPath")
    page.keyboard.press("ArrowRight")
    assert page.locator(".over").first.evaluate("over => over.style.clipPath") != before
    claims = open_page("streets")
    claims.locator("#claims summary").first.focus()
    claims.keyboard.press("Enter")
    assert claims.locator("#claims .opened").first.is_visible()


def test_files_are_saved_without_a_network_and_no_spreadsheet_runs_them(open_page):
    page = open_page("hostile")
    files = {}
    for label in ("CSV", "JSON", "LaTeX", "Markdown", "BibTeX"):
        with page.expect_download() as download:
            page.locator(".actions").get_by_text(label, exact=True).click()
        files[download.value.suggested_filename] = Path(download.value.path()).read_text(encoding="utf-8")
    assert sorted(files) == [f"streets.{suffix}" for suffix in ("bib", "csv", "json", "md", "tex")]
    rows = list(csv.DictReader(io.StringIO(files["streets.csv"])))
    (own,) = [row for row in rows if row["Network"] == "net_small" and row["mIoU reported, %"]]
    assert (float(own["mIoU reported, %"]), float(own["mIoU measured, %"])) == (55.64, 55.6377)
    assert "'=1+1" in [row["Network"] for row in rows]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]
    assert "@misc{net_2018," in files["streets.bib"]


def test_page_reads_in_full_without_scripts(open_page):
    page = open_page("streets", java_script_enabled=False)
    assert len(claims_shown_without_scripts(page)) == len(make.claims())
    assert page.locator("form").evaluate_all("all => all.filter(form => form.checkVisibility()).length") == 0
    assert page.locator(".opened").first.is_visible() is False
    page.locator("#claims summary").first.click()
    assert page.locator(".opened").first.is_visible()


def claims_shown_without_scripts(page):
    return [row for row in page.locator("#claims tbody tr").all() if row.is_visible()]


@pytest.mark.parametrize("name", PAGES)
def test_print_shows_what_is_folded_on_the_screen(open_page, name):
    page = open_page(name)
    folded = page.locator("main details:not([open], .columns) > :not(summary)")
    visible = "all => all.filter(element => element.checkVisibility()).length"
    assert folded.evaluate_all(visible) == 0
    page.emulate_media(media="print")
    assert folded.evaluate_all(visible) == folded.count()
    assert page.locator("form, .contents").evaluate_all(visible) == 0
    assert page.pdf(format="A4").startswith(b"%PDF-")


@pytest.mark.parametrize("name", [*PAGES, "many"])
def test_print_cuts_nothing_off(open_page, name):
    page = open_page(name, viewport={"width": A4, "height": 1000})
    page.emulate_media(media="print")
    edges = "all => all.filter(e => e.checkVisibility()).map(element => element.getBoundingClientRect().right)"
    assert max(page.locator("body *").evaluate_all(edges)) <= A4 + 1


def test_pictures_are_compared_and_errors_shown(open_page):
    page = open_page("drawn")
    assert set(page.locator("img").evaluate_all("images => images.map(image => image.naturalWidth)")) == {480}
    pair = page.locator(".compare").first
    boxes = pair.locator("img").evaluate_all("all => all.map(image => image.getBoundingClientRect().left)")
    assert boxes[0] == boxes[1]
    plain = open_page("drawn", java_script_enabled=False)
    assert plain.locator("input[data-compare]").first.is_visible() is False


def test_paper_draws_its_network_and_has_the_stages_as_a_table(open_page):
    page = open_page("net_2018")
    drawing = page.locator(".path")
    assert drawing.locator("svg title").first.text_content().startswith("Path of the data through net_small: 35 stages")
    numbers = drawing.locator("svg g text.middle:not(.small)").all_text_contents()
    drawing.locator("summary").click()
    assert [row.split()[0] for row in drawing.locator("tbody tr").all_inner_texts()][1:] == numbers[1:]
    assert "neck.decoder.fuse.0" in drawing.locator("tbody").inner_text()


@pytest.mark.parametrize("name", ["drawn", "many"])
def test_chart_is_read_on_a_phone(open_page, name):
    page = open_page(name, viewport={"width": 390, "height": 844})
    assert page.locator(".chart svg").count() > 1
    sizes, outside = page.locator(".chart svg :is(text, tspan)").evaluate_all("""all => [
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
    overlaps = page.locator(".chart svg").evaluate_all("""all => all.flatMap(svg => {
        const texts = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()])
        return texts.flatMap(([name, a], i) => texts.slice(i + 1)
            .filter(([_, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
                && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
            .map(([other]) => `${name} on ${other}`))
    })""")
    assert overlaps == []


def test_phone_shows_name_accuracy_and_outcome_first(open_page):
    page = open_page("streets", viewport={"width": 390, "height": 844})
    shown = page.locator("#networks thead th").evaluate_all("all => all.map(head => head.dataset.name)")
    assert shown == ["network", "reported", "measured", "outcome"]
    assert page.url.endswith(".html")


def test_bar_of_the_index_leads_to_its_claims_on_the_page_of_the_paper(open_page):
    page = open_page("index")
    page.get_by_role("link", name=re.compile("Author 2018, no dataset: .*")).click()
    assert "net_2018.html?claims.outcome=own&claims.dataset=no-dataset" in page.url
    groups = page.locator("#claims tbody tr:not(.empty) > td:first-child").all_inner_texts()
    assert groups == ["no dataset"] * 3
    page.locator("#claims-section select[name=dataset]").select_option("")
    assert page.locator("#claims tbody tr").count() > 3


def test_index_and_page_of_a_paper_can_be_read_without_scripts(open_page):
    page = open_page("net_2018", java_script_enabled=False)
    assert page.locator("#claims tbody tr").count() > 3
    assert page.locator(".tools").first.is_hidden()
    assert page.get_by_role("heading", name="What was easy").is_visible()
    page = open_page("index", java_script_enabled=False)
    assert page.locator("#networks tbody tr").first.is_visible()


BROKEN_WORDS = """all => all.flatMap(cell => {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const broken = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (const word of node.textContent.matchAll(/[a-z]{2,14}/gi)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(rect => Math.round(rect.top))).size > 1) broken.push(word[0]);
    }
  }
  return broken;
})"""


@pytest.mark.parametrize("name", ["streets", "many", "index"])
def test_a_leaderboard_needs_no_scrolling_on_a_laptop(open_page, name):
    board = open_page(name).locator(".scroll:has(> .board)")
    # As wide as the columns of Cityscapes, whose networks, papers and outcomes have long words.
    for at, words in ((2, "Zhuang 2018"), (3, "no network of the suite")):
        cell = board.locator(f"tbody tr:first-child > :nth-child({at})")
        cell.evaluate("(cell, words) => { cell.textContent = words }", words)
    assert board.evaluate("board => board.scrollWidth - board.clientWidth") == 0


@pytest.mark.parametrize("name", ["streets", "net_2018"])
@pytest.mark.parametrize("width", [390, 800, 1000, 1060, 1160, 1280, 1920])
def test_no_word_of_the_claims_is_broken_at_any_width(open_page, name, width):
    page = open_page(name)
    page.set_viewport_size({"width": width, "height": 900})
    # The longest word that real datasets have in their names.
    page.locator("#claims tbody tr:first-child > :first-child").evaluate("cell => { cell.textContent = 'Cityscapes' }")
    assert page.locator("#claims :is(th, td):not(.full):visible").evaluate_all(BROKEN_WORDS) == []


CUT_OFF = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
    const whole = svg.getBoundingClientRect()
    return [...svg.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect()
        return box.left < whole.left || box.right > whole.right || box.top < whole.top || box.bottom > whole.bottom
    }).map(text => text.textContent)
})"""


def test_no_text_of_a_drawing_is_cut_off(browser):
    costs = (12.3, 33.0, 1234.0, 9876.5)
    points = [
        charts.Point(f"a_network_with_a_name_of_{i}_rather_many_words", cost, 100.0 - 90 / (i + 1), 99.99, "", "#a")
        for i, cost in enumerate(costs)
    ]
    long = {"iterations": 99_999, "loss": [123.5] * 99_999, "learning_rate": [0.1] * 99_999}
    trainings = [make.training(make.run("retrained", seed=seed)).model_copy(update=long) for seed in range(11)]
    drawn = [
        charts.accuracy_over_cost(points, "MACs, 10⁹", "many"),
        charts.accuracy_over_cost(points[2:], "latency, ms", "few"),
        charts.accuracy_over_cost(points[:1], "latency, ms", "one"),
        charts.loss_curves(trainings),
        charts.loss_curves(trainings[:1]),
    ]
    styles = "".join((PROJECT / f"reports/pages/styles/{name}.css").read_text() for name in ("base", "figures"))
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    figures = "".join(f'<figure class="chart">{svg}</figure>' for svg in drawn)
    page.set_content(f"<style>{styles}</style><main>{figures}</main>")
    assert page.locator("svg text").count() > 60
    assert not (cut_off := page.evaluate(CUT_OFF)), "\n".join(cut_off)
    context.close()
