"""Exports JSON Schemas: for editors of all that people write, for programs of the data beside the pages."""

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel
from typer import Option

from data_manifests import loader
from data_manifests.schemas.arithmetic import Arithmetic
from data_manifests.schemas.checkpoint import CheckpointCollection
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.evidence import ServerAnswer
from data_manifests.schemas.finding import Findings
from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.paper import Paper
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.recipe import RecipeFamily
from data_manifests.schemas.suite import Report, Suite
from reports.pages.data import IndexData, PageData, PaperData
from segrepro.atomic import atomic_write
from workflow.command_line import run

SCHEMAS: dict[str, type[BaseModel]] = {
    "arithmetic": Arithmetic,
    "checkpoint": CheckpointCollection,
    "dataset": Dataset,
    "findings": Findings,
    "index_data": IndexData,
    "label_set": LabelSet,
    "page_data": PageData,
    "paper": Paper,
    "paper_data": PaperData,
    "protocol": Protocol,
    "recipe": RecipeFamily,
    "report": Report,
    "server_answer": ServerAnswer,
    "suite": Suite,
}


def main(
    out: Annotated[
        Path, Option(help="folder to write them to", show_default="data_manifests/schemas/json")
    ] = loader.ROOT / "schemas" / "json",
) -> None:
    """Exports JSON Schemas: for editors of all that people write, for programs of the data beside the pages."""
    for name, schema in SCHEMAS.items():
        exported = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema.model_json_schema()}
        atomic_write(out / f"{name}.schema.json", json.dumps(exported, indent=2) + "\n")


if __name__ == "__main__":
    run(main)
