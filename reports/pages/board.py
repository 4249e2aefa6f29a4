"""A table that a reader sorts, filters and links to: columns, lines and the fields of its form, as plain data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from reports.judging.outcome import Outcome

from . import wording


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    """In the address, and of the cells of a line."""
    title: str
    about: str = ""
    """What exactly it holds; shown when the pointer rests on its title, and in the list of columns."""
    where: str = ""
    """On what it was measured; in smaller print below its title."""
    numeric: bool = False
    best: Literal["high", "low"] | None = None
    """Which end is the better one; None where neither is."""
    shown: bool = True
    """Whether it is shown before a reader chooses."""
    narrow: bool = False
    """Whether it is shown on a phone before a reader chooses."""


@dataclass(frozen=True)
class Cell:
    """One value as a reader sees it, and as it is sorted."""

    text: str = ""
    order: float | str | None = None
    """None: by its text; a cell without text comes last in either direction."""
    sub: str = ""
    """In smaller print behind the text."""
    href: str = ""
    about: str = ""
    """Shown when the pointer rests on it, and read out."""
    outcome: Outcome | None = None
    """Shown as a chip instead of the text."""
    best: bool = False


@dataclass(frozen=True)
class Line:
    """One row."""

    cells: Mapping[str, Cell]
    """By column; a missing one is empty."""
    held: Mapping[str, str] = field(default_factory=dict)
    """By field of the form: the values that it is kept by, separated by spaces."""
    group: str | None = None
    """Lines of one group can be compared; None: with no other."""
    quoted: bool = False


@dataclass(frozen=True)
class Choice:
    """A field of the form that keeps lines of one value."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    """Value and what a reader sees."""
    chosen: str = ""


@dataclass(frozen=True)
class Tick:
    """A field of the form that adds lines which are not shown at first."""

    name: str
    label: str
    value: str


@dataclass(frozen=True)
class Board:
    """One table."""

    id: str
    caption: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    choices: Sequence[Choice] = ()
    ticks: Sequence[Tick] = ()


def slug(text: str) -> str:
    """A word that can be one of several separated by spaces."""
    return "-".join(text.lower().replace("'", "").split())


def choice(name: str, label: str, lines: Iterable[Line], words: Mapping[str, str]) -> Choice:
    """A field with the values that lines hold, in the order of their words; of one value there is nothing to choose.

    Args:
        name: of the field.
        label: what a reader sees before it.
        lines: of the table.
        words: what a reader sees for each value.
    """
    held = {value for line in lines for value in line.held.get(name, "").split()}
    return Choice(name, label, [("", "all"), *((value, words[value]) for value in words if value in held)])


def with_best(columns: Sequence[Column], lines: Sequence[Line], alone: Iterable[str] = ()) -> list[Line]:
    """Marks the best values of each column among the lines that can be compared.

    Args:
        columns: of the table; those without a better end are left as they are.
        lines: of the table; quoted ones are not compared.
        alone: names of columns whose values can be compared across all groups, such as numbers of parameters.
    """
    everywhere = set(alone)
    marked = [dict(line.cells) for line in lines]
    for column in columns:
        if column.best is None:
            continue
        groups: dict[str, list[tuple[float, int]]] = {}
        for i, line in enumerate(lines):
            cell = line.cells.get(column.name)
            group = "" if column.name in everywhere else line.group
            if cell and isinstance(cell.order, float) and group is not None and not line.quoted:
                groups.setdefault(group, []).append((cell.order, i))
        for values in groups.values():
            if len({value for value, _ in values}) > 1:
                top = (max if column.best == "high" else min)(value for value, _ in values)
                for value, i in values:
                    if value == top:
                        marked[i][column.name] = replace(marked[i][column.name], best=True)
    return [replace(line, cells=cells) for line, cells in zip(lines, marked, strict=True)]


def figure(value: float | None, decimals: int = 2, sub: str = "") -> Cell:
    """A number; an empty cell for None."""
    return Cell() if value is None else Cell(f"{value:,.{decimals}f}".replace(",", "\N{THIN SPACE}"), float(value), sub)


def outcome_words() -> dict[str, str]:
    """What a reader sees for each outcome, by its slug."""
    return {slug(outcome): outcome for outcome in wording.OUTCOMES}
