"""`data_manifests/checkpoints/<collection>.yaml`: weight files that a paper's authors published."""

from pydantic import Field

from .base import Identifier, Record, RemoteFile


class Checkpoint(RemoteFile):
    """One published weight file."""

    model: Identifier = Field(description="the suite's model that it fits")
    dataset: Identifier = Field(description="the dataset whose classes it predicts")
    trained_on: str = Field(description="what the authors say it was trained on")


class CheckpointCollection(Record):
    """The weight files of one place; `<mirror>/<id>/<file>` is where a mirror keeps them."""

    id: Identifier
    paper: Identifier
    family: Identifier = Field(description="folder of `mmseg_plugins` with the key map")
    source: str = Field(description="where the authors published them")
    licence: str
    files: tuple[Checkpoint, ...]
