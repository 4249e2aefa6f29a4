"""Expands the compact form of a paper's numbers into one claim for each number."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from data_manifests.schemas.claim import Claim
from data_manifests.schemas.paper import Column, Fact, Group, Paper, Reference, Row, Shared
from segrepro.errors import SegReproError

from .validation import validate

EMPTY_CELL = "-"
Printed = str | tuple[str, ...]
Entry = TypeVar("Entry")


def expand(paper: Paper, source: Path | str) -> tuple[Claim, ...]:
    """Expands groups, rows, columns and cells into claims.

    Args:
        paper: the validated manifest.
        source: the file, for error messages.

    Returns:
        One claim for each printed number, in the order of the manifest.

    Raises:
        SegReproError: a claim lacks a field, repeats the id of another claim, or has neither a printed number nor a
            `value`; a row does not have one token for each column; or a document, protocol, column, claim or model is
            named that the paper does not have.
    """
    claims: dict[str, Claim] = {}
    for group in paper.groups:
        for row in group.rows:
            for claim in _claims_of_row(paper, group, row, source):
                if claim.id in claims:
                    raise SegReproError(f"{source}: {claim.id}: id: found it twice; expected: an id of its own")
                claims[claim.id] = claim
    for claim in claims.values():
        for other in claim.related:
            _entry(claims, other, f"{source}: {claim.id}: related")
        if claim.repeats is not None and _entry(claims, claim.repeats, f"{source}: {claim.id}: repeats").repeats:
            raise SegReproError(
                f"{source}: {claim.id}: repeats: found {claim.repeats}, which repeats another itself; expected that one"
            )
    models = {claim.model: claim for claim in claims.values()}
    for name in paper.variants:
        _entry(models, name, f"{source}: variants")
    for name in paper.readings:
        _entry(models, name, f"{source}: readings")
        if name in paper.variants:
            raise SegReproError(f"{source}: readings: found {name!r} among the variants too; expected: one of the two")
    for name in paper.candidates:
        _entry(models, name, f"{source}: candidates")
        if name in paper.variants or name in paper.readings:
            raise SegReproError(
                f"{source}: candidates: found {name!r} among the variants or readings too; expected: one of the three"
            )
    compared_with = {_compared_with(claim.metric): claim for claim in claims.values()}
    for name in paper.baselines:
        _entry(compared_with, name, f"{source}: baselines")
    splits: dict[str, dict[str, Claim]] = {}
    for claim in claims.values():
        splits.setdefault(claim.dataset, {})[claim.split] = claim
    for dataset, readings in paper.splits.items():
        for printed in readings:
            _entry(_entry(splits, dataset, f"{source}: splits"), printed, f"{source}: splits.{dataset}")
    facts: tuple[Fact, ...] = (*paper.protocol_facts, *paper.context_facts)
    for fact in facts:
        _entry(paper.documents, fact.document, f"{source}: {fact.what}: document")
    return tuple(claims.values())


def _claims_of_row(paper: Paper, group: Group, row: Row, source: Path | str) -> Iterator[Claim]:
    row_id = f"{group.id}.{row.id}"
    if not group.columns:
        yield _claim(paper, row_id, row.printed, _stated(group, row), source)
        return
    cells = _cells(group.columns, row.printed, f"{source}: {row_id}: printed")
    if row.class_iou is not None:
        cells |= _cells(_class_columns(group), row.class_iou, f"{source}: {row_id}: class_iou")
    for column_id in row.cells:
        _entry(cells, column_id, f"{source}: {row_id}: cells")
    for column_id, (column, token) in cells.items():
        stated = _stated(group, row, column, row.cells.get(column_id, Shared()))
        yield _claim(paper, f"{row_id}.{column_id}", token, stated, source)


def _class_columns(group: Group) -> tuple[Column, ...]:
    return tuple(Column(id=f"iou.{name.replace('_', '-')}", metric=f"class_iou.{name}") for name in group.classes)


def _cells(columns: tuple[Column, ...], printed: Printed, where: str) -> dict[str, tuple[Column, str]]:
    tokens = printed.split() if isinstance(printed, str) else printed
    if len(tokens) != len(columns):
        names = " ".join(column.id for column in columns)
        raise SegReproError(f"{where}: found {len(tokens)} tokens; expected: {len(columns)}, one for each of: {names}")
    cells = zip(columns, tokens, strict=True)
    return {column.id: (column, token) for column, token in cells if token != EMPTY_CELL}


def _stated(*levels: Shared) -> dict[str, Any]:
    """The fields that the levels state, including null; a later level overrides an earlier one."""
    fields = Shared.model_fields
    return {field: getattr(level, field) for level in levels for field in level.model_fields_set if field in fields}


def _claim(paper: Paper, claim_id: str, printed: Printed, stated: dict[str, Any], source: Path | str) -> Claim:
    where = f"{source}: {claim_id}"
    place = {field: stated.pop(field, None) for field in Reference.model_fields}
    restated = stated.pop("restated", ())
    protocol_name = stated.pop("protocol", "")
    protocol = None if protocol_name is None else _entry(paper.protocols, protocol_name, f"{where}: protocol")
    metric = stated.get("metric") or ""
    quantity = metric.partition("_vs:")[0].partition(".")[0]
    baseline = paper.baselines.get(_compared_with(metric))
    reading = None if "variant" in stated else paper.readings.get(stated.get("model", ""))
    candidates = None if "variant" in stated else paper.candidates.get(stated.get("model", ""))
    own = stated.get("role") != "comparison"
    content = {
        "variant": reading.network if reading else paper.variants.get(stated.get("model", "")),
        "candidates": candidates.networks if candidates else (),
        "variant_why": reading.why if reading else candidates and candidates.why,
        "variant_fitted": reading is not None and quantity in reading.fitted,
        "split_read_as": paper.splits.get(stated.get("dataset") or "", {}).get(stated.get("split") or ""),
        "baseline": baseline and baseline.network,
        "baseline_why": baseline and baseline.why,
        "baseline_fitted": baseline is not None and quantity in baseline.fitted,
        **stated,
        "id": claim_id,
        "paper": paper.id,
        "value": _value(printed, stated, where),
        "as_printed": printed,
        "protocol": protocol and protocol.model_dump(exclude_unset=True, exclude={"scoring", "scoring_why"}),
        # How its own networks were scored says nothing of those that a paper quotes beside them.
        "scoring": (protocol and own and protocol.scoring) or None,
        "scoring_why": (protocol and own and protocol.scoring_why) or None,
        "own": own,
        "tier": _entry(paper.documents, place["document"], f"{where}: document").tier,
        "source": _source(paper, place, where),
        "restated": [_source(paper, reference.model_dump(), f"{where}: restated") for reference in restated],
    }
    return validate(content, Claim, where)


def _compared_with(metric: str) -> str:
    """The model that `<quantity>_vs:<model>` compares with; empty for a metric of another form."""
    return metric.partition("_vs:")[2]


def _value(printed: Printed, stated: Mapping[str, Any], where: str) -> Any:
    if "value" in stated:
        return stated["value"]
    try:
        return float(str(printed))
    except ValueError:
        raise SegReproError(
            f"{where}: value: found nothing; expected: this field, as {printed!r} is no number"
        ) from None


def _source(paper: Paper, place: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A source, with the identity of its document instead of the key."""
    document = _entry(paper.documents, place["document"], f"{where}: document")
    return {**place, **document.model_dump(include={"document", "url", "repo", "branch", "path"})}


def _entry(entries: Mapping[str, Entry], name: str | None, where: str) -> Entry:
    if not name or name not in entries:
        known = get_close_matches(name or "", entries, n=5, cutoff=0.3) or sorted(entries)[:5]
        raise SegReproError(
            f"{where}: found {repr(name) if name else 'nothing'}; expected: one such as {', '.join(known)}"
        )
    return entries[name]
