"""`data_manifests/checkpoints/<collection>.yaml`: weight files that a paper's authors published."""

from pydantic import Field

from .base import FileName, Identifier, Record, RemoteFile, Sha256


class Unclear(Record):
    """Other models of the suite that the weights may be of."""

    models: tuple[Identifier, ...] = Field(min_length=1)
    why: str = Field(description="what the sources leave open, as a clause that a page prints")


class Trained(Record):
    """What the weights of a file were trained for."""

    model: Identifier = Field(description="the suite's model that it fits")
    dataset: Identifier = Field(description="the dataset whose classes it predicts")
    trained_on: str = Field(description="what the authors say it was trained on")
    unclear: Unclear | None = Field(
        default=None, description="where the weights may be those of another model of the suite, trained otherwise"
    )


class Checkpoint(RemoteFile, Trained):
    """A weight file that the suite fetches."""


class PlacedCheckpoint(Trained):
    """A weight file that must be downloaded by hand: it is behind a form, on a shared drive, or in another format."""

    file: FileName = Field(description="name to give it")
    by_hand: str = Field(description="how a person gets it, as one or two sentences")
    sha256: Sha256 | None = Field(default=None, description="null until someone enters it")


class CheckpointCollection(Record):
    """The weight files of one place; `<mirror>/<id>/<file>` is where a mirror keeps them."""

    id: Identifier
    paper: Identifier
    family: Identifier = Field(description="folder of `mmseg_plugins` with the key map")
    source: str = Field(description="where the authors published them")
    licence: str
    files: tuple[Checkpoint, ...] = ()
    placed: tuple[PlacedCheckpoint, ...] = ()

    @property
    def published(self) -> tuple[Checkpoint | PlacedCheckpoint, ...]:
        """All files, fetched or placed."""
        return self.files + self.placed
