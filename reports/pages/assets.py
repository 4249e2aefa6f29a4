"""Styles and scripts that every page carries, and the policy that lets a browser run these and no others."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
STYLES = ("base.css", "table.css", "figures.css", "index.css", "narrow.css", "print.css")
SCRIPTS = ("scripts/tables.js", "scripts/compare.js")


@dataclass(frozen=True)
class Assets:
    """What stands in the head and at the end of every page."""

    style: str
    """All styles, in the order in which they apply."""
    scripts: tuple[str, ...]
    """In the order in which they run."""
    policy: str
    """Content-Security-Policy: these styles and scripts by their hashes, pictures within the page, nothing else."""


@cache
def assets() -> Assets:
    """Reads styles and scripts."""
    style = "".join((HERE / "styles" / name).read_text(encoding="utf-8") for name in STYLES)
    scripts = tuple((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)};"
        f" script-src {' '.join(map(_hash, scripts))}; base-uri 'none'; form-action 'none'"
    )
    return Assets(style, scripts, policy)


def _hash(content: str) -> str:
    """The hash of an element's text as a policy names it."""
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
