"""Options that several programs have, each declared once."""

from pathlib import Path
from typing import Annotated

from typer import Option

from data_manifests.schemas.suite import Route as RouteName

Config = Annotated[Path, Option(help="MMSegmentation config of the model on the dataset", exists=True)]
Weights = Annotated[Path, Option(help="weights.pth of the run")]
Dataset = Annotated[str, Option(help="name of the dataset's manifest")]
Verified = Annotated[
    Path | None, Option(help="what verify.py wrote on the dataset; without it the evidence names no data")
]
Data = Annotated[Path, Option(help="the prepared dataset")]
HiddenSplit = Annotated[str, Option(help="split of the manifest whose labels are hidden")]
Device = Annotated[str | None, Option(help="cpu or cuda; by default cuda where there is one")]
Suite = Annotated[Path, Option(help="the suite file")]
ComparisonId = Annotated[str, Option(help="its id")]
EvidenceFile = Annotated[Path, Option(help="evidence file to write")]

# Of a run, as its evidence names it.
Model = Annotated[str, Option(help="name of the model, for the evidence")]
Route = Annotated[RouteName, Option(help="where the weights come from, for the evidence")]
Seed = Annotated[int, Option(help="seed of the run, for the evidence")]
