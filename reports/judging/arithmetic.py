"""Claims that follow from other numbers: worked out exactly, without data, weights or a measurement.

`check` is a pure function of what `data_manifests/arithmetic` states, the claims and the suite's counts. A page shows a
result at the row of its claim: the outcome, each case's `text`, `shows`, what it rests on and what is not yet counted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from data_manifests.schemas.arithmetic import (
    Arithmetic,
    Case,
    Check,
    Choice,
    Counted,
    Difference,
    Equal,
    FindingText,
    Known,
    KnownNumber,
    Mean,
    Operation,
    Printed,
    PrintedClasses,
    Product,
    Rank,
    Ratio,
    Sum,
    Term,
    leaves,
    operands,
)
from data_manifests.schemas.base import Record
from data_manifests.schemas.claim import Claim

from .counts import Counts
from .outcome import Outcome, settle
from .printed import allowed, exact, num_decimals

Way = Literal["exactly", "rounded", "cut", "within the bounds"]
FROM_PRINTED = "worked out from numbers that papers print: they agree with each other, but none was measured again"
ONLY_A_BOUND = "the claim is only a bound, which many values keep"
QUANTITIES = {
    "parameters": "parameters",
    "inference_parameters": "parameters that a prediction depends on",
    "saved_activations": "bytes of activations saved for the backward pass",
    "training_memory": "bytes of weights, gradients, optimiser's state and saved activations",
}


class Worked(Record):
    """One case, worked out."""

    what: str
    text: str
    """The formula with its numbers, such as `29 455 125 / 364 569 = 80.79`; names what is not yet counted."""
    value: Decimal | None
    """In the claim's unit; None where something is not yet counted."""
    agrees: Way | None
    """How it agrees with the claim; None where it does not, or is not judged."""
    missing: tuple[str, ...] = ()
    """What is not yet counted."""


class Result(Record):
    """What follows for one claim."""

    claim: str
    outcome: Outcome | None
    """None where a check only shows something, or something is not yet counted."""
    decides: bool
    cases: tuple[Worked, ...]
    beside: tuple[Worked, ...]
    shows: str
    accepts: str | None
    """Which values agree, where how the claim is printed does not say it."""
    readings: tuple[Choice, ...]
    """What was read into the sources; a fitted one is a condition of the verdict."""
    known: tuple[str, ...]
    """The numbers that no claim and no count gives, and where they come from."""
    capped: tuple[str, ...]
    """Why an agreement is `consistent` and not `reproduced`, besides fitted readings."""
    uses: tuple[str, ...]
    """Ids of the claims that it is worked out from."""
    finding: FindingText | None

    @property
    def missing(self) -> tuple[str, ...]:
        """What must be counted before there is an outcome."""
        return tuple(dict.fromkeys(thing for case in self.cases for thing in case.missing))


def check(manifests: Iterable[Arithmetic], claims: Mapping[str, Claim], counts: Counts) -> tuple[Result, ...]:
    """Works out everything that follows from other numbers.

    Args:
        manifests: of the papers.
        claims: of all papers, by id.
        counts: what the suite counted of its networks.

    Returns:
        One result for each check, in the order of the manifests. The outcome is

        - `not reproduced` if a case that the claim is about does not agree with it: it does not print as the claim
          does, rounded or cut, or lies outside the bounds;
        - `consistent` if all agree, but a reading was fitted, the claim is only a bound, or a number that a paper
          prints was used: papers then agree with themselves, and nothing was counted again;
        - `reproduced` if all agree and everything was counted or follows from definitions.

        Of a check that needs `any` case, the reading that makes one agree and another not is fitted.

    """
    return tuple(_result(each, manifest.known, claims, counts) for manifest in manifests for each in manifest.checks)


def deciding(results: Iterable[Result]) -> dict[str, Result]:
    """The results that give a claim an outcome, or will once everything is counted, by the claim's id."""
    return {result.claim: result for result in results if result.decides}


def _result(check: Check, known: Mapping[str, KnownNumber], claims: Mapping[str, Claim], counts: Counts) -> Result:
    claim = claims[check.claim]
    numbers = _Numbers(claims, counts, known)
    cases = tuple(_worked(case, check, claim, numbers) for case in check.cases)
    used = [leaf for case in (*check.cases, *check.beside) for leaf in leaves(case.formula)]
    printed = any(isinstance(leaf, Printed | PrintedClasses) for case in check.cases for leaf in leaves(case.formula))
    readings = list(check.readings)
    outcome: Outcome | None = None
    capped: tuple[str, ...] = ()
    if check.decides and not any(case.missing for case in cases):
        agreeing = [case for case in cases if case.agrees]
        if check.needs == "any" and 0 < len(agreeing) < len(cases):
            chosen = " or ".join(case.what for case in agreeing)
            readings.append(Choice(text=f"the source does not say which is meant; read as: {chosen}", fitted=True))
        agrees = bool(agreeing) and (check.needs == "any" or len(agreeing) == len(cases))
        caps = ((FROM_PRINTED, printed), (ONLY_A_BOUND, claim.bound in ("at_most", "less_than", "more_than")))
        capped = tuple(text for text, holds in caps if agrees and holds)
        fitted = any(reading.fitted for reading in readings)
        outcome = settle("agrees" if agrees else "disagrees", fitted=fitted or bool(capped))
    return Result(
        claim=claim.id,
        outcome=outcome,
        decides=check.decides,
        cases=cases,
        beside=tuple(_worked(case, None, claim, numbers) for case in check.beside),
        shows=check.shows,
        accepts=check.accepts and check.accepts.why,
        readings=tuple(readings),
        known=tuple(
            f"{known[name].what}: {known[name].where}"
            for name in dict.fromkeys(leaf.known for leaf in used if isinstance(leaf, Known))
        ),
        capped=capped,
        uses=tuple(dict.fromkeys(name for leaf in used for name in numbers.claims_of(leaf) if name != claim.id)),
        finding=check.finding,
    )


def _worked(case: Case, check: Check | None, claim: Claim, numbers: "_Numbers") -> Worked:
    """`check` is None where the case is not judged."""
    missing = tuple(dict.fromkeys(thing for leaf in leaves(case.formula) for thing in numbers.missing(leaf)))
    formula = _text(case.formula, numbers, outer=True)
    if missing:
        return Worked(what=case.what, text=f"{formula} = ?", value=None, agrees=None, missing=missing)
    value = _value(case.formula, numbers)
    shown = _shown(value, claim) if isinstance(case.formula, Ratio | Mean) else f"{value:f}".replace("-", "−")  # noqa: RUF001
    text = formula if formula == shown else f"{formula} = {shown}"
    agrees = None if check is None else _agreement(value, check, claim)
    return Worked(what=case.what, text=text, value=value, agrees=agrees)


def _shown(value: Decimal, claim: Claim) -> str:
    """A quotient with two decimals more than the claim, to show which way it was rounded, and three digits at least."""
    return f"{value:.{max(num_decimals(claim), -value.adjusted()) + 2}f}"


def _agreement(value: Decimal, check: Check, claim: Claim) -> Way | None:
    """None where a value does not agree; for a value that the claim prints, how it became the printed one."""
    if check.accepts is not None:
        low, high = check.accepts.low, check.accepts.high
        inside = (low is None or low <= value) and (high is None or value <= high)
        return "within the bounds" if inside else None
    prints_as = allowed(claim)
    if value not in prints_as:
        return None
    if claim.bound not in ("exact", "approx", "range"):
        return "within the bounds"
    least, most = exact(claim.value), exact(claim.value if claim.value_max is None else claim.value_max)
    if least <= value <= most:
        return "exactly" if least == most else "within the bounds"
    # Half a digit on either side is what rounding takes; what lies beyond was cut.
    return "rounded" if abs(value - min(max(value, least), most)) <= least - prints_as.low else "cut"


def _value(term: Term, numbers: "_Numbers") -> Decimal:
    if isinstance(term, Decimal | Printed | PrintedClasses | Counted | Known):
        (value,) = numbers.values(term)
        return value
    values = [value for operand in operands(term) for value in _values(operand, numbers)]
    match term:
        case Ratio():
            return values[0] / values[1]
        case Difference():
            return values[0] - values[1]
        case Product():
            product = Decimal(1)
            for value in values:
                product *= value
            return product
        case Sum():
            return sum(values, Decimal(0))
        case Mean():
            return sum(values, Decimal(0)) / len(values)
        case Rank():
            return Decimal(1 + sum(value > values[0] for value in values))
        case Equal():
            return values[0]


def _values(term: Term, numbers: "_Numbers") -> Sequence[Decimal]:
    return numbers.values(term) if isinstance(term, PrintedClasses) else (_value(term, numbers),)


def _text(term: Term, numbers: "_Numbers", *, outer: bool = False) -> str:
    """A formula with its numbers; an operation inside another stands in brackets, a product in a sum does not."""
    if isinstance(term, Decimal | Printed | PrintedClasses | Counted | Known):
        return ", ".join(numbers.texts(term))
    texts = [text for operand in operands(term) for text in _texts(operand, term, numbers)]
    match term:
        case Ratio():
            text = " / ".join(texts)
        case Difference():
            text = " − ".join(texts)  # noqa: RUF001
        case Product():
            text = " × ".join(texts)  # noqa: RUF001
        case Sum():
            text = " + ".join(texts)
        case Mean():
            return f"({' + '.join(texts)}) / {len(texts)}"
        case Rank():
            return f"rank of {texts[0]} among {', '.join(texts)}"
        case Equal():
            return texts[0]
    return text if outer else f"({text})"


def _texts(term: Term, around: Operation, numbers: "_Numbers") -> Sequence[str]:
    if isinstance(term, PrintedClasses):
        return numbers.texts(term)
    binds_stronger = isinstance(term, Product) and isinstance(around, Sum | Difference | Mean)
    return (_text(term, numbers, outer=binds_stronger or isinstance(around, Equal)),)


@dataclass(frozen=True)
class _Numbers:
    """Where the numbers of a formula come from."""

    claims: Mapping[str, Claim]
    counts: Counts
    known: Mapping[str, KnownNumber]

    def values(self, term: Decimal | Printed | PrintedClasses | Counted | Known) -> Sequence[Decimal]:
        """One value; of a row's classes one each."""
        match term:
            case Counted():
                return (self.counts[term.network, term.count],)
            case Known():
                return (_value(self.known[term.known].formula, self),)
            case Printed() | PrintedClasses():
                return tuple(exact(self.claims[name].value) for name in self.claims_of(term))
        return (term,)

    def texts(self, term: Decimal | Printed | PrintedClasses | Counted | Known) -> Sequence[str]:
        """As the sources print them; whole numbers in groups of three digits."""
        if missing := self.missing(term):
            return tuple(f"[{thing}]" for thing in missing)
        if isinstance(term, Printed | PrintedClasses):
            return tuple(_as_printed(self.claims[name]) for name in self.claims_of(term))
        return tuple(f"{value:,f}".replace(",", " ") for value in self.values(term))

    def claims_of(self, term: Decimal | Printed | PrintedClasses | Counted | Known) -> Sequence[str]:
        """Ids of the claims that a term stands for."""
        match term:
            case Printed():
                return (term.claim,)
            case PrintedClasses():
                return tuple(name for name in self.claims if name.startswith(f"{term.classes}.iou."))
        return ()

    def missing(self, term: Decimal | Printed | PrintedClasses | Counted | Known) -> Sequence[str]:
        """What is not yet counted."""
        if isinstance(term, Known):
            return [thing for leaf in leaves(self.known[term.known].formula) for thing in self.missing(leaf)]
        if isinstance(term, Counted) and (term.network, term.count) not in self.counts:
            return [f"{QUANTITIES[term.count]} of {term.network}: not yet counted"]
        return []


def _as_printed(claim: Claim) -> str:
    """The printed token where it is the number, which keeps its last zero; else the value."""
    printed = str(claim.as_printed)
    return printed if re.fullmatch(r"\d+(\.\d+)?", printed) else f"{claim.value:g}"
