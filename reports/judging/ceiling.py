"""How many of the papers' own claims are judged, and how many could be with all data, weights, GPUs and servers."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from data_manifests.schemas.claim import Claim

from .arithmetic import Result
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
    worked_out: int
    """Of these, those that are judged by arithmetic alone: nothing was measured or counted again beside them."""
    possible: int
    """Those that could be judged if all data, weights, GPUs and servers were at hand; includes the judged ones."""


def ceiling(
    claims: Iterable[Claim], rows: Iterable[Row], pages: Collection[Context], worked: Mapping[str, Result]
) -> Ceiling:
    """Counts what is judged and what could be.

    Args:
        claims: of all papers.
        rows: of all pages that are built.
        pages: of all reports, built or not.
        worked: what follows from other numbers, by the claim that it decides.
    """
    own = [claim for claim in claims if claim.own]
    said = {claim.id: claim.repeats or claim.id for claim in own}
    worked_out = {said[name] for name, result in worked.items() if name in said and result.outcome in JUDGED}
    measured = {
        said[row.claim] for row in rows if row.own and row.claim in said and row.outcome in JUDGED and row.evidence
    }
    possible = {
        said[claim.id] for claim in own if any(concerns(claim, page) and could_be_judged(claim, page) for page in pages)
    }
    judged = worked_out | measured
    possible |= {said[name] for name in worked if name in said}
    once = set(said.values())
    return Ceiling(len(once), len(own) - len(once), len(judged), len(worked_out - measured), len(possible | judged))
