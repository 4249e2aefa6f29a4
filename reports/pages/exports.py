"""The leaderboard as files: written into the page as addresses that need no network and no script."""

import base64
import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from data_manifests.schemas.paper import Paper

from .board import Board, Cell, Column, Line
from .sources import arxiv

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
LATEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
)


class Export(NamedTuple):
    """One file."""

    label: str
    name: str
    address: str


def exports(name: str, board: Board, papers: Iterable[Paper]) -> list[Export]:
    """Writes the leaderboard in several formats, and the papers as BibTeX.

    Args:
        name: of the page.
        board: all of its lines and columns are written, whatever is shown.
        papers: those on the page.
    """
    # Without a name a spreadsheet would have two columns alike: of two sizes or machines.
    heads = [f"{c.title} ({c.about})" if c.where else c.title for c in board.columns]
    made = {
        "CSV": ("csv", "text/csv", as_csv(heads, board)),
        "JSON": ("json", "application/json", as_json(name, board)),
        "LaTeX": ("tex", "application/x-tex", as_latex(heads, board)),
        "Markdown": ("md", "text/markdown", as_markdown(heads, board)),
        "BibTeX": ("bib", "application/x-bibtex", "\n".join(map(bibtex, papers))),
    }
    return [
        Export(label, f"{name}.{suffix}", f"data:{kind};charset=utf-8;base64,{_base64(text)}")
        for label, (suffix, kind, text) in made.items()
        if text
    ]


def as_csv(heads: Sequence[str], board: Board) -> str:
    """Numbers as numbers; text that a spreadsheet would run as a formula begins with an apostrophe."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(map(_harmless, heads))
    for line in board.lines:
        writer.writerow([_value(column, line) for column in board.columns])
    return written.getvalue()


def as_json(name: str, board: Board) -> str:
    """Names of the columns, and a list of values for each line: numbers as numbers, what is missing as null."""
    columns = [*(column.name for column in board.columns), "quoted"]
    lines = [
        [*(_number_or_text(line.cells.get(column.name, Cell())) for column in board.columns), line.quoted]
        for line in board.lines
    ]
    return json.dumps({"page": name, "columns": columns, "lines": lines}, ensure_ascii=False, separators=(",", ":"))


def as_latex(heads: Sequence[str], board: Board) -> str:
    """A `tabular` of the columns that the page shows at first."""
    shown = [(head, column) for head, column in zip(heads, board.columns, strict=True) if column.shown]
    rows = [
        [_shown(line.cells.get(column.name, Cell())).translate(LATEX) for _, column in shown] for line in board.lines
    ]
    layout = "".join("r" if column.numeric else "l" for _, column in shown)
    body = "\n".join(" & ".join(row) + r" \\" for row in [[head.translate(LATEX) for head, _ in shown], *rows])
    return f"\\begin{{tabular}}{{{layout}}}\n{body}\n\\end{{tabular}}\n"


def as_markdown(heads: Sequence[str], board: Board) -> str:
    """A table of the columns that the page shows at first."""
    shown = [(head, column) for head, column in zip(heads, board.columns, strict=True) if column.shown]
    rows = [[_shown(line.cells.get(column.name, Cell())) for _, column in shown] for line in board.lines]
    ruler = ["---:" if column.numeric else "---" for _, column in shown]
    table = [[head for head, _ in shown], ruler, *rows]
    return "".join("| " + " | ".join(map(_in_markdown, row)) + " |\n" for row in table)


def bibtex(paper: Paper) -> str:
    """One entry."""
    fields = {"title": f"{{{paper.title}}}", "author": " and ".join(paper.authors), "year": str(paper.year)}
    fields["note"] = paper.venue
    if paper.arxiv:
        fields |= {"eprint": paper.arxiv, "archiveprefix": "arXiv", "url": arxiv(paper) or ""}
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{paper.id},\n{body}\n}}\n"


def bibtex_file(text: str) -> str:
    """Entries as an address that needs no network."""
    return f"data:application/x-bibtex;charset=utf-8;base64,{_base64(text)}"


def _value(column: Column, line: Line) -> str | float:
    found = _number_or_text(line.cells.get(column.name, Cell()))
    if found is None:
        return ""
    return found if isinstance(found, float) else _harmless(found)


def _number_or_text(cell: Cell) -> str | float | None:
    if isinstance(cell.order, float):
        return round(cell.order, 6)
    return cell.outcome or cell.text or None


def _shown(cell: Cell) -> str:
    return cell.outcome or f"{cell.text} {cell.sub}".strip()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _in_markdown(text: str) -> str:
    for mark in "\\|<>[]`*_":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")
