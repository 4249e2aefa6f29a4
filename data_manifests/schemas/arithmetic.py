"""`data_manifests/arithmetic/<paper>.yaml`: claims that follow from other numbers, as formulas over them.

A formula is a term: a number, a number that a paper prints, a count of the suite's, a known number, or an operation
over terms. Nothing is measured for it.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias, Union

from pydantic import Discriminator, Field, Tag, model_validator

from .base import Identifier, Record
from .recipe import Training

Quantity = Literal["parameters", "inference_parameters", "saved_activations", "training_memory"]
"""What the suite counts of a network: parameters, those that a prediction depends on, and bytes of a training step."""


class Printed(Record):
    """The value of a claim, in the claim's unit."""

    claim: str = Field(description="id of a claim of any paper")


class PrintedClasses(Record):
    """The class values of a table's row, in the order of the table; for a list of terms only."""

    classes: str = Field(description="id of the row: the claims `<row>.iou.<class>`")


class Counted(Record):
    """What the suite counts of one of its networks; the same on every machine."""

    count: Quantity
    network: Training


class Known(Record):
    """A number of the same file's `known`."""

    known: str


class Ratio(Record):
    """The first divided by the second."""

    ratio: tuple["Term", "Term"]


class Difference(Record):
    """The first less the second."""

    difference: tuple["Term", "Term"]


class Sum(Record):
    """All added up."""

    sum: tuple["Term", ...] = Field(min_length=1)


class Product(Record):
    """All multiplied."""

    product: tuple["Term", ...] = Field(min_length=2)


class Mean(Record):
    """The arithmetic mean."""

    mean: tuple["Term", ...] = Field(min_length=1)


class Rank(Record):
    """The place of the first among all, from the highest; equal ones share the better place."""

    rank: tuple["Term", ...] = Field(min_length=2)


class Equal(Record):
    """The same quantity, given in another place."""

    equal: "Term"


Operation = Ratio | Difference | Sum | Product | Mean | Rank | Equal
KINDS: tuple[type[Record], ...] = (
    Printed, PrintedClasses, Counted, Known, Ratio, Difference, Sum, Product, Mean, Rank, Equal
)  # fmt: skip


def _kind(term: Any) -> str:
    """The first field of a term of some kind, which no other kind has; `number` for everything else."""
    given = set(term) if isinstance(term, dict) else set(type(term).model_fields) if isinstance(term, Record) else set()
    return next((name for kind in KINDS for name in [next(iter(kind.model_fields))] if name in given), "number")


Term: TypeAlias = Annotated[
    Union[  # noqa: UP007
        Annotated[Decimal, Tag("number")],
        Annotated[Printed, Tag("claim")],
        Annotated[PrintedClasses, Tag("classes")],
        Annotated[Counted, Tag("count")],
        Annotated[Known, Tag("known")],
        Annotated[Ratio, Tag("ratio")],
        Annotated[Difference, Tag("difference")],
        Annotated[Sum, Tag("sum")],
        Annotated[Product, Tag("product")],
        Annotated[Mean, Tag("mean")],
        Annotated[Rank, Tag("rank")],
        Annotated[Equal, Tag("equal")],
    ],
    Discriminator(_kind),
]


class KnownNumber(Record):
    """A number that no claim gives and no network of the suite has."""

    what: str
    formula: Term
    where: str = Field(description="where it comes from, or how it was counted; a page prints it")


class Case(Record):
    """One way to work the claim out."""

    what: str = Field(description="which numbers are taken, in words")
    formula: Term


class Accepted(Record):
    """Which values agree with a claim whose printed form does not say it, ends included."""

    low: Decimal | None = None
    high: Decimal | None = None
    why: str

    @model_validator(mode="after")
    def _bounded(self) -> "Accepted":
        if self.low is None and self.high is None:
            raise ValueError("low, high or both")
        return self


class Choice(Record):
    """A reading that the formula rests on."""

    text: str
    fitted: bool = Field(default=False, description="whether it was made because it gives the claimed number")


class FindingText(Record):
    """What a reader must know; the numbers come from the evaluation."""

    title: str
    means: str = Field(description="what it means for a reader")


class Check(Record):
    """One claim and what it follows from."""

    claim: str = Field(description="id of the claim")
    cases: tuple[Case, ...] = Field(min_length=1, description="each gives a value in the claim's unit")
    needs: Literal["all", "any"] = Field(
        default="all",
        description="all: the claim is about every case; any: it is about one of them and the source does not say "
        "which, so if only some agree, the reading is a fitted one",
    )
    decides: bool = Field(default=True, description="false: it is shown, and gives the claim no outcome")
    accepts: Accepted | None = None
    beside: tuple[Case, ...] = Field(default=(), description="what a reader should see with it; not judged")
    readings: tuple[Choice, ...] = ()
    shows: str = Field(description="what it shows, whatever the outcome; no numbers that the formulas give")
    finding: FindingText | None = Field(default=None, description="null: nothing that a reader must be told")


class Arithmetic(Record):
    """What can be worked out about the claims of one paper."""

    id: Identifier = Field(description="file in `data_manifests/papers`")
    known: dict[str, KnownNumber] = Field(default={}, description="by the name that formulas call it")
    checks: tuple[Check, ...]

    @model_validator(mode="after")
    def _one_outcome_a_claim(self) -> "Arithmetic":
        decided = [check.claim for check in self.checks if check.decides]
        if twice := sorted({claim for claim in decided if decided.count(claim) > 1}):
            raise ValueError(f"one check that decides {twice[0]}, not two")
        terms = [case.formula for check in self.checks for case in (*check.cases, *check.beside)]
        for term in (*terms, *(number.formula for number in self.known.values())):
            for leaf in leaves(term):
                if isinstance(leaf, Known) and leaf.known not in self.known:
                    raise ValueError(f"{leaf.known} among `known`, as a formula names it")
        return self


def operands(operation: Operation) -> tuple[Term, ...]:
    """The terms of an operation."""
    match operation:
        case Ratio():
            return operation.ratio
        case Difference():
            return operation.difference
        case Sum():
            return operation.sum
        case Product():
            return operation.product
        case Mean():
            return operation.mean
        case Rank():
            return operation.rank
        case Equal():
            return (operation.equal,)


def leaves(term: Term) -> tuple[Decimal | Printed | PrintedClasses | Counted | Known, ...]:
    """The terms of a formula that are no operations."""
    if isinstance(term, Decimal | Printed | PrintedClasses | Counted | Known):
        return (term,)
    return tuple(leaf for operand in operands(term) for leaf in leaves(operand))
