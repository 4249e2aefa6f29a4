"""What a verdict consists of: how a claim was checked, with what outcome, and under which conditions."""

from typing import Literal

from pydantic import Field, model_validator

from data_manifests.schemas.base import Record

How = Literal["re-evaluated", "retrained", "counted", "timed", "arithmetic", "answered by the owner's server"]
Outcome = Literal["reproduced", "consistent", "not reproduced", "undecided", "not comparable", "not run"]
JUDGED: tuple[Outcome, ...] = ("reproduced", "consistent", "not reproduced", "undecided")
"""The outcomes of a claim that something was set beside."""
Agreement = Literal["agrees", "disagrees", "open"]
"""What a rule says of claim and measurement alone, before the conditions count."""
Subject = Literal[
    "weights", "network", "baseline", "split", "scoring", "recipe", "protocol", "seeds", "device", "numbers"
]
Code = Literal[
    "meaning",
    "quantity",
    "baseline",
    "comparison",
    "split",
    "machine",
    "page",
    "run",
    "data not public",
    "login",
    "weights",
    "GPU",
    "stage",
    "device",
    "server",
    "measurement",
]
"""What may stand between a claim and its measurement, in the order in which a person would meet it."""


class Condition(Record):
    """Something that an outcome rests on besides the two numbers."""

    kind: Literal["reading", "departure"] = Field(
        description="reading: a choice where the sources leave something open; departure: knowingly not the authors'"
    )
    about: Subject
    text: str = Field(description="a clause, without a full stop")
    fitted: bool = Field(default=False, description="a reading that was chosen because it gives the claimed number")

    @model_validator(mode="after")
    def _a_departure_fits_nothing(self) -> "Condition":
        if self.fitted and self.kind != "reading":
            raise ValueError("fitted with readings only")
        return self


class Missing(Record):
    """One thing that stands between a claim and its measurement."""

    code: Code
    text: str = Field(description="what is missing and how to get it, one or two sentences")


def settle(agreement: Agreement, *, fitted: bool = False, refutable: bool = True) -> Outcome:
    """The outcome of a claim that something was set beside.

    Args:
        agreement: of the claim and the measurement, by the rule for how it was checked.
        fitted: whether a reading was chosen because it gives the number, so that it was not free to disagree.
        refutable: whether a disagreement would speak against the claim. It does not where the recipe is not the
            authors', or where it is open whether the claim is about these weights or this network.
    """
    match agreement:
        case "agrees":
            return "consistent" if fitted else "reproduced"
        case "disagrees":
            return "not reproduced" if refutable else "undecided"
        case "open":
            return "undecided"
