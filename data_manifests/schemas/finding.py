"""`data_manifests/findings/<paper>.yaml`: what a reader must know about numbers before trusting them."""

from typing import Literal

from pydantic import Field, model_validator

from .base import Identifier, Record

Sure = Literal["certain", "likely", "open"]


class Finding(Record):
    """One thing that a reader must know about some numbers."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str
    what: str = Field(description="what is so, in plain words")
    where: str = Field(description="the places to look at")
    claims: tuple[str, ...] = Field(default=(), description="ids of the claims that it touches; none: the whole paper")
    means: str = Field(description="what it means for a reader")
    sure: Sure = Field(
        description="certain: anybody can check it in the places named; likely: the best explanation of what is there; "
        "open: the sources do not decide it"
    )
    how: str = Field(description="how it was found")
    topics: tuple[str, ...] = Field(
        default=(), description="the paper's `ambiguities` that it tells, by their topic; a page shows it instead"
    )


class Findings(Record):
    """The findings about one paper."""

    id: Identifier = Field(description="file in `data_manifests/papers`")
    findings: tuple[Finding, ...]

    @model_validator(mode="after")
    def _each_once(self) -> "Findings":
        ids = [finding.id for finding in self.findings]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"an id of its own for each finding, not {twice[0]} twice")
        topics = [topic for finding in self.findings for topic in finding.topics]
        if twice := sorted({topic for topic in topics if topics.count(topic) > 1}):
            raise ValueError(f"each topic told by one finding, not {twice[0]} by two")
        return self
