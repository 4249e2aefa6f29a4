"""The outcomes at the head of a page; each leads to what has it, in the leaderboard and among the claims."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.judging.outcome import Outcome

from . import wording
from .board import Board, slug


@dataclass(frozen=True)
class Chip:
    """One outcome, or the methods that papers quote."""

    name: str
    sign: str
    number: int
    """Of the claims that have it."""
    href: str
    """This page with the tables filtered; the first of them that has such a line."""


def chips(counts: Mapping[Outcome, int], quoted: int = 0, board: Board | None = None) -> list[Chip]:
    """Makes a chip of each outcome that claims have.

    Args:
        counts: of the claims.
        quoted: numbers of other methods among the claims.
        board: the leaderboard of the page, if it has one.
    """
    on_board = {line.held.get("outcome") for line in board.lines} if board else set()
    found = [
        Chip(outcome, wording.OUTCOMES[outcome][0], number, _href(slug(outcome), f"outcome={slug(outcome)}", on_board))
        for outcome, number in counts.items()
        if number
    ]
    if quoted:
        on_board = {"quoted" for tick in board.ticks if tick.name == "kind"} if board else set()
        found.append(Chip("quoted", "\N{LEFT DOUBLE QUOTATION MARK}", quoted, _href("quoted", "kind=yes", on_board)))
    return found


def _href(name: str, on_the_board: str, has: set[str | None]) -> str:
    address = f"?claims.outcome={name}"
    return f"{address}&networks.{on_the_board}#leaderboard" if name in has else f"{address}#claims-section"
