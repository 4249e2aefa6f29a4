"""`reports/<page>.json`, for other programs and for the pages of papers: everything that a page shows as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from data_manifests.schemas.base import Identifier, Record
from data_manifests.schemas.evidence import Efficiency, Profile, Run, RunRoute
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.suite import Report
from reports.judging.evidence import Evidence, SideBySide, machine
from reports.judging.outcome import Outcome
from reports.judging.rows import Joined, Row
from reports.judging.unjudged import Unjudged

from .build import Build, newest
from .caveats import caveats_of
from .leaderboard import PERCENT, Key, Leaderboard, comparable

VERSION: Literal[2] = 2
"""Of the form of these files; a program that reads them refuses any other."""
MOST_FILES = 40
"""Files of evidence whose provenance a page has in full."""


class EvidenceFile(Record):
    """One file of measurements, or the answer of a test server."""

    path: str = Field(description="relative to the repository")
    kind: str
    committed: bool = Field(description="whether it was measured on another machine and is committed with the suite")
    day: date = Field(description="of the measurement, or of the submission to the server")
    commit: str | None = Field(description="of the code that measured; null outside a checkout and for answers")
    dirty: bool | None = Field(description="whether that code had changes that are not committed")
    by: str = Field(description="the machine, or the address of the server")
    command: str | None = Field(description="makes it again; null for what a person entered")
    caveats: tuple[str, ...] = Field(description="why its scores cannot simply be compared with those of other runs")


class Work(Record):
    """Multiply-accumulates of one image."""

    width: int
    height: int
    macs: int


class Latency(Record):
    """Median time of one image, in float32 without a compiler."""

    width: int
    height: int
    machine: str
    milliseconds: float


class NetworkLine(Record):
    """A network, where its weights come from, a split and the rules of scoring: one line of the leaderboard."""

    network: str
    route: RunRoute | None = Field(description="where the weights come from; null: no run of the suite has the network")
    split: str | None
    protocol: str | None
    comparable: str | None = Field(
        description="lines of one page with the same text are scored by the same rules; null: comparable with none"
    )
    paper: str | None
    claim: str | None
    reported: float | None = Field(description="mIoU in percent")
    measured: float | None = Field(description="mIoU in percent, the mean of several seeds")
    interval: tuple[float, float] | None = Field(description="percent, 95 %; null where there is none")
    outcome: Outcome | None
    caveat: str | None
    parameters: int | None = Field(description="that a prediction depends on")
    work: tuple[Work, ...]
    latencies: tuple[Latency, ...]


class PageData(Record):
    """`reports/<page>.json` of a dataset."""

    schema_version: Literal[2] = VERSION
    page: Identifier
    title: str
    dataset: Identifier
    standard_protocol: Identifier
    commit: str | None = Field(description="of the code that built the page; null outside a checkout")
    dirty: bool | None
    newest_evidence: date | None
    evidence: tuple[EvidenceFile, ...]
    networks: tuple[NetworkLine, ...]
    rows: tuple[Row, ...]
    unjudged: tuple[Unjudged, ...]


class PaperRow(Row):
    """A row, and the page of the dataset that has it."""

    page: Identifier | None = Field(description="null: the claim belongs to no dataset that has a page")


class PaperData(Record):
    """`reports/<paper>.json`."""

    schema_version: Literal[2] = VERSION
    paper: Identifier
    title: str
    commit: str | None
    dirty: bool | None
    newest_evidence: date | None
    outcomes: Mapping[Outcome, int] = Field(description="own claims; one that is said in several places counts once")
    rows: tuple[PaperRow, ...]


class Summed(Record):
    """Own claims of one paper about one dataset."""

    paper: Identifier
    dataset: str = Field(description="of the suite; as the paper writes it where the suite has none")
    page: Identifier | None
    outcomes: Mapping[Outcome, int]


class Newest(Record):
    """What is judged by committed evidence, and since when."""

    claim: str
    outcome: Outcome
    day: date


class IndexData(Record):
    """`reports/index.json`."""

    schema_version: Literal[2] = VERSION
    commit: str | None
    dirty: bool | None
    newest_evidence: date | None
    own: Annotated[int, Field(description="own claims; one that is said in several places counts once")]
    judged: int
    worked_out: int = Field(description="of the judged ones, those by arithmetic alone")
    possible: int = Field(description="that could be judged with all data, weights, GPUs and servers")
    pages: tuple[Identifier, ...] = Field(description="datasets; each has a file of its own")
    papers: tuple[Identifier, ...] = Field(description="each has a file of its own")
    summed: tuple[Summed, ...]
    networks: Mapping[Identifier, tuple[NetworkLine, ...]] = Field(description="by page")


def page_data(
    name: str,
    report: Report,
    standard_protocol: str,
    joined: Joined,
    evidence: Sequence[Evidence],
    board: Leaderboard,
    protocols: Mapping[str, Protocol],
    build: Build,
) -> PageData:
    """Puts the data of a dataset's page together.

    Args:
        name: of the page.
        report: what it plans.
        standard_protocol: of the suite.
        joined: claims and measurements.
        evidence: files that the rows come from, and the trainings.
        board: the leaderboard of the page.
        protocols: by id.
        build: commit of the code.
    """
    return PageData(
        page=name,
        title=report.title,
        dataset=report.dataset,
        standard_protocol=standard_protocol,
        commit=build.commit,
        dirty=build.dirty,
        newest_evidence=newest(evidence),
        evidence=tuple(evidence_file(item, report) for item in evidence),
        networks=tuple(_networks(board, evidence, protocols)),
        rows=tuple(joined.rows),
        unjudged=tuple(joined.unjudged),
    )


def evidence_file(item: Evidence, report: Report) -> EvidenceFile:
    """What a reader must know of one file before opening it."""
    record, path = item.record, item.path.as_posix()
    caveats = tuple(caveats_of(report, record))
    if record.kind == "test_server":
        return EvidenceFile(
            path=path, kind=record.kind, committed=item.committed, day=record.submitted, commit=None, dirty=None,
            by=record.server, command=None, caveats=caveats,
        )  # fmt: skip
    p = record.provenance
    if isinstance(record, SideBySide):
        target = f"results/{record.dataset}/comparisons/{record.id}.json"
    else:
        target = f"{run_folder(record.run)}/{record.kind}.json"
    return EvidenceFile(
        path=path, kind=record.kind, committed=item.committed, day=p.started.date(), commit=p.commit, dirty=p.dirty,
        by=machine(p), command=f"snakemake --cores 2 {target}", caveats=caveats,
    )  # fmt: skip


def provenance_anchor(position: int) -> str:
    """Where the page of a dataset has the provenance of a file.

    Args:
        position: among the page's evidence, from 1.
    """
    return f"evidence-{position}" if position <= MOST_FILES else "provenance"


def run_folder(run: Run) -> str:
    """Where a run leaves its evidence on the machine that makes it."""
    return f"results/{run.dataset}/{run.model}/{run.route}/seed{run.seed}"


def _networks(
    board: Leaderboard, evidence: Sequence[Evidence], protocols: Mapping[str, Protocol]
) -> Iterator[NetworkLine]:
    parameters: dict[str, int] = {}
    work: dict[str, dict[tuple[int, int], Work]] = {}
    latencies: dict[str, dict[tuple[int, int, str], Latency]] = {}
    for item in evidence:
        match item.record:
            case Profile(run=run) as profile:
                parameters.setdefault(run.model, profile.inference_parameters or profile.parameters)
                for c in profile.complexity:
                    one = Work(width=c.width, height=c.height, macs=c.macs)
                    work.setdefault(run.model, {}).setdefault((c.width, c.height), one)
            case Efficiency(run=run) as timed:
                device = machine(timed.provenance)
                for line in timed.inference:
                    if line.latency and (line.precision, line.mode) == ("fp32", "eager"):
                        latency = Latency(
                            width=line.width, height=line.height, machine=device,
                            milliseconds=line.latency.median_ms,
                        )  # fmt: skip
                        at = (line.width, line.height, device)
                        latencies.setdefault(run.model, {}).setdefault(at, latency)
    for key, entry in board.entries.items():
        claim, row = entry.claim, entry.row
        scores = entry.scores.get("miou", ())
        yield NetworkLine(
            network=key.network,
            route=key.route,
            split=key.split,
            protocol=key.protocol,
            comparable=_comparable(key, entry.caveat, protocols),
            paper=claim.paper if claim else None,
            claim=claim.id if claim else None,
            reported=entry.reported,
            measured=entry.measured,
            interval=scores[0].interval if len(scores) == 1 else _in_percent(row),
            outcome=row.outcome if row else None,
            caveat=entry.caveat,
            parameters=parameters.get(key.network),
            work=tuple(work.get(key.network, {}).values()),
            latencies=tuple(latencies.get(key.network, {}).values()),
        )


def _comparable(key: Key, caveat: str | None, protocols: Mapping[str, Protocol]) -> str | None:
    return None if caveat else comparable(key, protocols.get(key.protocol or ""))


def _in_percent(row: Row | None) -> tuple[float, float] | None:
    if row is None or row.interval is None or row.unit not in PERCENT:
        return None
    low, high = (bound * PERCENT[row.unit] for bound in row.interval)
    return low, high
