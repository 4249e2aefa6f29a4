"""A badge for the README of a paper's repository: how many of its claims are reproduced."""

from collections.abc import Mapping

from reports.judging.outcome import Outcome

from .environment import environment

PIXELS_A_LETTER = 6.6
"""Of the widest letters in which a badge is set, so that none is cut whatever font a browser has."""


def badge(outcomes: Mapping[Outcome, int]) -> str:
    """Draws a badge as SVG.

    Args:
        outcomes: of the own claims of a paper.
    """
    right = f"{outcomes.get('reproduced', 0)} of {sum(outcomes.values())} reproduced"
    if agreeing := outcomes.get("consistent", 0):
        right += f", {agreeing} consistent"
    left = "SegRepro"
    widths = [round(len(text) * PIXELS_A_LETTER) + 12 for text in (left, right)]
    return environment().get_template("badge.svg.jinja").render(left=left, right=right, widths=widths)
