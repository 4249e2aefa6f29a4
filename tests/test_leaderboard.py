"""Which lines, stars and digits the leaderboard has, and what it is as a file."""

import csv
import io
import json
from pathlib import Path

import evidence_factory as make
import pytest

from reports.judging.context import context_of
from reports.judging.evidence import collect, measurements
from reports.judging.rows import join
from reports.pages.board import Board, Cell, Column, Line, with_best
from reports.pages.exports import as_csv, as_json, as_latex, as_markdown
from reports.pages.leaderboard import Leaderboard, decimals_for, leaderboard


def built(root: Path, monkeypatch: pytest.MonkeyPatch, claims: list) -> Leaderboard:
    monkeypatch.chdir(root)
    suite = make.suite()
    report = suite.reports["streets"]
    files = collect(make.build(root)["streets"], Path("measurements"), report)
    numbers = [number for file in files for number in measurements(file)]
    rows = join(claims, numbers, suite, context_of(make.dataset(), suite, "streets")).rows
    papers, of = {"net_2018": make.paper()}, {claim.id: claim for claim in claims}
    return leaderboard(report, papers, make.protocols(), of, rows, files)


def texts(line: Line) -> dict[str, str]:
    return {name: cell.outcome or f"{cell.text} {cell.sub}".strip() for name, cell in line.cells.items()}


def test_a_line_has_claim_measurement_verdict_and_cost(tmp_path, monkeypatch):
    lines = built(tmp_path, monkeypatch, make.claims()).board.lines
    (line,) = [texts(line) for line in lines if line.held.get("protocol") == "authors" and line.held["route"] != "none"]
    assert line["network"] == "net_small"
    assert line["paper"] == "Author 2018"
    assert (line["reported"], line["measured"]) == ("55.64", "55.64 [54.14, 56.89] \N{DAGGER}")
    assert (line["difference"], line["outcome"], line["split"]) == ("+0.00", "reproduced", "test")
    assert line["parameters"] == "0.35"


def test_the_same_network_under_another_protocol_is_a_line_of_its_own(tmp_path, monkeypatch):
    lines = built(tmp_path, monkeypatch, [make.claim()]).board.lines
    assert [texts(line)["measured"].split()[0] for line in lines] == ["57.9", "55.64"]
    assert "reported" not in {name for name, text in texts(lines[0]).items() if text}


def test_quoted_methods_come_last_and_are_no_rivals(tmp_path, monkeypatch):
    best = make.claim(id="q", model="Other", variant=None, own=False, role="comparison", value=99.0, as_printed="99.0")
    lines = built(tmp_path, monkeypatch, [make.claim(), best]).board.lines
    assert lines[-1].quoted
    assert texts(lines[-1])["reported"] == "99.0"
    assert not any(cell.best for cell in lines[-1].cells.values())


@pytest.mark.parametrize(
    ("interval", "printed", "decimals"),
    [((53.9, 57.1), 0, 1), ((53.9, 57.1), 2, 2), ((10.0, 40.0), 0, 0), ((50.0, 50.1), 0, 3), (None, 1, 2)],
)
def test_digits_go_by_the_interval_and_never_below_the_printed_ones(interval, printed, decimals):
    assert decimals_for(interval, printed) == decimals


def line(group: str | None, measured: float, size: float, *, quoted: bool = False) -> Line:
    cells = {"measured": Cell(str(measured), measured), "size": Cell(str(size), size)}
    return Line(cells, group=group, quoted=quoted)


COLUMNS = [Column("measured", "mIoU", numeric=True, best="high"), Column("size", "Size", numeric=True, best="low")]


def test_best_is_best_among_those_that_can_be_compared():
    lines = [line("val", 50.0, 3.0), line("val", 60.0, 2.0), line("test", 55.0, 1.0), line(None, 90.0, 9.0)]
    lines.append(line("val", 99.0, 0.5, quoted=True))
    marked = with_best(COLUMNS, lines, ["size"])
    assert [each.cells["measured"].best for each in marked] == [False, True, False, False, False]
    assert [each.cells["size"].best for each in marked] == [False, False, True, False, False]


def test_files_hold_numbers_and_run_nothing():
    columns = [Column("network", "Network"), Column("measured", "mIoU, %", numeric=True)]
    names = ["=1+1", "@x", "-2", "a|b", "100% & more_$", '<b>"']
    board = Board("b", "", columns, [Line({"network": Cell(name), "measured": Cell("-1.5", -1.5)}) for name in names])
    heads = [column.title for column in columns]
    rows = list(csv.reader(io.StringIO(as_csv(heads, board))))
    assert [row[0] for row in rows[1:4]] == ["'=1+1", "'@x", "'-2"]
    assert {row[1] for row in rows[1:]} == {"-1.5"}
    written = json.loads(as_json("p", board))
    assert written["columns"] == ["network", "measured", "quoted"]
    assert written["lines"] == [[name, -1.5, False] for name in names]
    assert r"100\% \& more\_\$ & -1.5 \\" in as_latex(heads, board)
    assert r"| a\|b | -1.5 |" in as_markdown(heads, board)
    assert "<b>" not in as_markdown(heads, board).replace(r"\<b\>", "")
