"""An Atom feed of what committed evidence decides: an entry for each verdict, so that a changed one is a new entry."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import date

from reports.judging.outcome import JUDGED
from reports.judging.printed import reported, with_unit

from . import wording
from .site import Site

ATOM = "http://www.w3.org/2005/Atom"
MOST = 100
"""Entries, the newest first."""


def feed(site: Site) -> str:
    """Writes the feed.

    Returns:
        XML. An entry has the day of the newest evidence that its verdict rests on.
    """
    entries: list[tuple[date, str, str, str, str]] = []
    for rows in site.rows.values():
        for row, _ in rows:
            days = [site.proofs[path].file.day for path in row.evidence if site.proofs[path].file.committed]
            if row.outcome not in JUDGED or len(days) < max(1, len(row.evidence)):
                continue
            claim = site.claims[row.claim]
            what = f"{claim.model}, {wording.metric(claim.metric)} {with_unit(reported(claim), claim.unit)}"
            name = f"claim/{claim.id}/{row.variant}/{row.outcome}/{max(days).isoformat()}".replace(" ", "-")
            link = f"{claim.paper}.html#claim-{claim.id}"
            entries.append((max(days), name, f"{' '.join(what.split())}: {row.outcome}", link, row.reason))
    entries.sort(key=lambda entry: (-entry[0].toordinal(), entry[1]))
    return _written(entries[:MOST])


def _written(entries: Sequence[tuple[date, str, str, str, str]]) -> str:
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    _add(root, "title", "SegRepro: verdicts")
    _add(root, "id", "tag:segrepro,2026:verdicts")
    _add(root, "updated", _moment(entries[0][0] if entries else date(2026, 1, 1)))
    _add(_add(root, "author"), "name", "The SegRepro developers")
    _add(root, "link", href="feed.xml", rel="self")
    _add(root, "link", href="index.html")
    for day, name, title, link, reason in entries:
        entry = _add(root, "entry")
        _add(entry, "title", title)
        _add(entry, "id", f"tag:segrepro,2026:{name}")
        _add(entry, "updated", _moment(day))
        _add(entry, "link", href=link)
        _add(entry, "summary", reason)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    made.text = text or None
    return made


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
