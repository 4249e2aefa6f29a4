"""`data_manifests/papers/<paper>.yaml`: what one publication reports, compact enough to be reviewed in a diff."""

from typing import Annotated

from pydantic import Field, model_validator

from .base import Identifier, Record, Sha256
from .claim import Bound, MeasuredBy, Role, Tier

DocumentName = Annotated[str, Field(description="key in the paper's `documents`")]
Tokens = Annotated[str, Field(description="tokens as printed, separated by spaces; `-` for an empty cell")]


class Document(Record):
    """A document that numbers were read from."""

    document: str = Field(description="its file name, or `stored page`")
    kind: str
    tier: Tier = Field(
        description="seed: the paper's own text; repo_image: read by eye from an image; stored_page: stored copy of a "
        "public page; tracker: public tracker of claimed results, marked unverified there"
    )
    url: str | None = None
    repo: str | None = None
    branch: str | None = None
    path: str | None = Field(default=None, description="path inside the repository")
    commit: str | None = None
    sha256: Sha256 | None = None


class Reference(Record):
    """A place in a document."""

    document: DocumentName
    location: str = Field(description="section, table or figure")
    line: int | tuple[int, ...] | None = Field(default=None, description="1-based; none for images and stored pages")


class StatedProtocol(Record):
    """What the paper says about how its numbers were measured, in words; only what is stated or known to be missing."""

    scoring: Identifier | None = Field(
        default=None, description="file in `data_manifests/protocols` that scores as the authors' code does"
    )
    scoring_why: str | None = Field(
        default=None, description="why, where the source states less than `scoring` fixes; a clause for the page"
    )
    image_size: str | None = None
    train_size: str | None = None
    train_crop: str | None = None
    train_data: str | None = None
    pretraining: str | None = None
    epochs: int | str | None = None
    batch_size: int | str | None = None
    jitter: str | None = None
    dataset_split: str | None = None
    classes: str | None = None
    eval_size: str | None = None
    eval_scales: tuple[float, ...] | str | None = None
    eval_flip: bool | str | None = None
    scored_by: str | None = None
    framework: str | None = None
    precision: str | None = None
    note: str | None = None


class Shared(Record):
    """Fields of a claim that a group, row, column or cell may state; see `claim.Claim` for their meaning.

    A cell overrides its column, a column overrides the row, and a row overrides the group.
    """

    model: str | None = None
    variant: Identifier | None = Field(default=None, description="null: neither `variants` nor `readings` hold")
    variant_why: str | None = Field(default=None, description="with variant: null, what the sources leave open")
    backbone: str | None = None
    dataset: str | None = None
    split: str | None = None
    other_split: Identifier | None = None
    other_split_why: str | None = None
    metric: str | None = None
    value: float | None = Field(default=None, description="only where the printed token is not itself the number")
    value_max: float | None = None
    unit: str | None = None
    bound: Bound | None = None
    derivation: str | None = None
    protocol: str | None = Field(default=None, description="key in the paper's `protocols`")
    hardware: str | None = None
    role: Role | None = None
    citation: str | None = None
    measured_by: MeasuredBy | None = None
    document: DocumentName | None = None
    location: str | None = None
    line: int | None = None
    restated: tuple[Reference, ...] = ()
    related: tuple[str, ...] = ()
    repeats: str | None = None
    ambiguity: str | None = None


class Column(Shared):
    """One column of a table; its id ends the id of every claim in it."""

    id: str


class Row(Shared):
    """One row of a table, or one claim where the group has no columns."""

    id: str
    printed: Tokens | tuple[str, ...] = Field(
        description="a token for each column; without columns the token or the list of tokens of the one claim"
    )
    class_iou: Tokens | None = Field(default=None, description="one token for each class of the group")
    cells: dict[str, Shared] = Field(default={}, description="by column id: what holds for that cell alone")


class Group(Shared):
    """Claims that share fields, mostly one table of the paper. Ids are `<group>.<row>.<column>`."""

    id: str
    columns: tuple[Column, ...] = Field(default=(), description="none: each row is one claim, `<group>.<row>`")
    classes: tuple[str, ...] = Field(
        default=(), description="the columns of `class_iou`: metric class_iou.<class>, id iou.<class> with - for _"
    )
    rows: tuple[Row, ...]

    @model_validator(mode="after")
    def _every_token_has_its_column(self) -> "Group":
        for names in ([column.id for column in self.columns], self.classes):
            if len(set(names)) != len(names):
                raise ValueError(f"columns with names of their own, not {', '.join(names)}")
        for row in self.rows:
            if not self.columns and (row.class_iou or row.cells):
                raise ValueError(f"columns, as row {row.id!r} has class_iou or cells")
        return self


class Fact(Reference):
    """A number that is not a result."""

    what: str


class ProtocolFact(Fact):
    """A number about data, training or timing."""

    id: str
    value: int | float | str | tuple[int | float, ...]
    as_printed: str | tuple[str, ...]
    note: str | None = None


class ContextFact(Fact):
    """A number about other work."""

    value: int | tuple[int, ...]
    levels: str | tuple[int, ...] | None = None


class Unquantified(Record):
    """Something the paper claims without a number."""

    claim: str
    where: str
    note: str | None = None


class Ambiguity(Record):
    """Something that the whole paper leaves unclear."""

    topic: str
    text: str


class Reading(Record):
    """The suite's network for a model that the paper does not describe completely."""

    network: Identifier = Field(description="the suite's model")
    why: str = Field(
        description="why this network; a page prints it after a colon, next to every claim that is judged with it"
    )
    fitted: tuple[str, ...] = Field(
        default=(),
        description="quantities, such as params_m, by whose claimed number this network was chosen: agreement in them"
        " was not free to fail",
    )


class Candidates(Record):
    """The suite's networks one of which the paper means, without saying which."""

    networks: tuple[Identifier, ...] = Field(min_length=2)
    why: str = Field(description="what the source does not say, as a clause that a page prints")


class Paper(Record):
    """One publication and the numbers it reports; `claims.expand` gives them one by one."""

    id: Identifier
    title: str
    authors: tuple[str, ...]
    year: int
    arxiv: str | None
    venue: str
    code: str | None
    notes: str
    documents: dict[str, Document]
    variants: dict[str, Identifier] = Field(
        default={}, description="model name as printed -> the suite's model, where this is certain"
    )
    readings: dict[str, Reading] = Field(
        default={},
        description="model name as printed -> the suite's model, where the sources do not describe it completely",
    )
    candidates: dict[str, Candidates] = Field(
        default={}, description="model name as printed -> the suite's models one of which it means"
    )
    baselines: dict[str, Reading] = Field(
        default={}, description="model that a metric such as speedup_vs:<name> compares with -> the suite's model"
    )
    splits: dict[str, dict[str, Identifier]] = Field(
        default={},
        description="dataset as printed -> split as printed -> split of the suite's manifest; only where they differ",
    )
    protocols: dict[str, StatedProtocol]
    groups: tuple[Group, ...]
    protocol_facts: tuple[ProtocolFact, ...] = ()
    context_facts: tuple[ContextFact, ...] = ()
    unquantified: tuple[Unquantified, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
