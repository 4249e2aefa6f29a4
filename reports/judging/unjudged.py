"""Numbers that no claim is judged by: all that one file of evidence says under one protocol, together."""

from collections.abc import Iterable

from pydantic import Field
from pydantic.dataclasses import dataclass

from data_manifests.schemas.base import STRICT
from data_manifests.schemas.evidence import RunRoute

from .conditions import departures
from .context import Context
from .evidence import Measurement
from .outcome import Condition


@dataclass(kw_only=True, frozen=True, slots=True, config=STRICT)
class Unjudged:
    """Numbers of one file of evidence that no claim is judged by."""

    evidence: str = Field(description="the file")
    network: str
    route: RunRoute | None = Field(description="null for a comparison of two networks")
    seed: int | None
    split: str | None
    protocol: str | None = Field(description="null for numbers that no scoring protocol made")
    unit: str
    measured_on: str | None = Field(description="machine, input and precision, for numbers that depend on them")
    conditions: tuple[Condition, ...] = Field(description="what of a training is not the authors' own")
    values: dict[str, float | None] = Field(description="by metric; null where undefined")
    intervals: dict[str, tuple[float, float]] = Field(description="95 %, of those that have one")


def unjudged(measurements: Iterable[Measurement], context: Context) -> list[Unjudged]:
    """Puts the numbers of one file, protocol, unit and circumstance together, in their order.

    Args:
        measurements: that no claim is judged by.
        context: the page.
    """
    found: dict[tuple[object, ...], list[Measurement]] = {}
    for m in measurements:
        found.setdefault((m.evidence, m.protocol, m.split, m.unit, m.conditions), []).append(m)
    return [_together(numbers, context) for numbers in found.values()]


def _together(numbers: list[Measurement], context: Context) -> Unjudged:
    first = numbers[0]
    return Unjudged(
        evidence=first.evidence.as_posix(),
        network=first.model,
        route=first.run.route if first.run else None,
        seed=first.run.seed if first.run else None,
        split=first.split,
        protocol=first.protocol,
        unit=first.unit,
        measured_on=first.conditions,
        conditions=departures(first, context),
        values={m.metric: m.value for m in numbers},
        intervals={m.metric: m.interval for m in numbers if m.interval is not None},
    )
