"""The templates of all pages, with their words and number formats."""

from contextlib import suppress
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from reports.judging import verdicts
from reports.judging.printed import reported, with_unit
from reports.judging.recipes import WORDS, listed, plain

from . import wording
from .assets import assets
from .board import slug
from .sources import web

TEMPLATES = Path(__file__).parent / "templates"


class _Compiled(FileSystemBytecodeCache):
    """Compiled templates, kept as Python keeps modules; a disk that does not take them costs time alone."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps one."""
        with suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


@cache
def environment() -> Environment:
    """Templates that escape all values."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_Compiled(str(TEMPLATES / "__pycache__")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"metric": wording.metric, "number": wording.number, "signed": wording.signed, "reported": reported}
    made.filters |= {"mebibytes": wording.mebibytes, "listed": listed, "plain": plain, "slug": slug, "web": web}
    made.filters |= {"with_unit": with_unit, "stated": wording.stated, "stated_field": wording.stated_field}
    made.filters["breakable"] = lambda name: escape(name).replace("_", Markup("_<wbr>"))  # long names of networks
    made.globals |= {"things": WORDS, "obstacles": verdicts.WORDS, "wording": wording, "assets": assets()}
    return made
