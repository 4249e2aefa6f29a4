"""`data_manifests/datasets/<dataset>.yaml`."""

from typing import Annotated, Literal

from pydantic import Field

from .base import Identifier, Record, RemoteFile


class Licence(Record):
    """What the owner allows."""

    name: str
    url: str
    terms: str = Field(description="one sentence for people")


class Login(Record):
    """How a person gets at files that the suite may not fetch by itself."""

    account_url: str
    instructions: str = Field(description="next step, as one or two sentences")


class Split(Record):
    """One split with its expected number of images."""

    images: Annotated[int, Field(gt=0)]
    labels: Literal["public", "hidden"] = "public"


class Dataset(Record):
    """A dataset: where it comes from, what it holds, how it is to be read."""

    id: Identifier
    title: str
    description: str
    claim_names: tuple[str, ...] = Field(description="the names under which papers speak of it")
    licence: Licence
    citation: str
    login: Login | None = None
    preparation: Literal["camvid", "cityscapes", "synthcity"] = Field(description="function that lays the files out")
    sources: tuple[RemoteFile, ...] = ()
    checksums: str | None = Field(default=None, description="sha256 list of the prepared files, beside the manifest")
    image_size: tuple[int, int] = Field(description="width, height in pixels")
    splits: dict[str, Split]
    label_set: Identifier = Field(description="file in `data_manifests/label_sets`")
