"""How many of the papers' own claims are judged, and how many could be with all data, weights, GPUs and servers."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from data_manifests.schemas.claim import Claim

from .context import Context, concerns
from .obstacles import could_be_judged
from .outcome import JUDGED
from .rows import Row


class Ceiling(NamedTuple):
    """Numbers of claims of papers about their own models; one that is said in several places counts once."""

    own: int
    repeats: int
    """Further claims that say one of these again, in another place."""
    judged: int
    """Those that a measurement or calculation was set beside, with any outcome but not comparable."""
    possible: int
    """Those that could be judged if all data, weights, GPUs and servers were at hand; includes the judged ones."""


def ceiling(claims: Iterable[Claim], rows: Iterable[Row], pages: Collection[Context]) -> Ceiling:
    """Counts what is judged and what could be.

    Args:
        claims: of all papers.
        rows: of all pages that are built.
        pages: of all reports, built or not.
    """
    own = [claim for claim in claims if claim.own]
    said = {claim.id: claim.repeats or claim.id for claim in own}
    judged = {said[row.claim] for row in rows if row.own and row.claim in said and row.outcome in JUDGED}
    possible = {
        said[claim.id] for claim in own if any(concerns(claim, page) and could_be_judged(claim, page) for page in pages)
    }
    once = set(said.values())
    return Ceiling(len(once), len(own) - len(once), len(judged), len(possible | judged))
