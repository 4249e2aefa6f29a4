"""`data_manifests/datasets/<dataset>.yaml`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import FileName, Identifier, Record, RemoteFile


class Licence(Record):
    """What the owner allows."""

    name: str
    url: str
    terms: str = Field(description="one sentence for people")


class Login(Record):
    """How a person gets at files that the suite may not fetch by itself."""

    account_url: str
    instructions: str = Field(description="next step, as one or two sentences")


class Archive(RemoteFile):
    """A zip or tar file of which one folder is extracted."""

    folder: str = Field(description="folder inside the archive whose files are wanted")


class Split(Record):
    """One split with its expected number of images."""

    images: Annotated[int, Field(gt=0)]
    labels: Literal["public", "hidden"] = "public"


class Layout(Record):
    """Where the images and label maps of a split lie in the prepared folder.

    All are patterns with `{split}` and `*`; an image and its maps have the same text in place of every `*`.
    """

    images: str
    labels: str
    instances: str | None = Field(default=None, description="instance maps as those of Cityscapes, where there are any")

    @model_validator(mode="after")
    def _pairs(self) -> "Layout":
        for name, pattern in (("images", self.images), ("labels", self.labels), ("instances", self.instances)):
            if pattern is None:
                continue
            if "{split}" not in pattern:
                raise ValueError(f"the pattern of the {name} has no {{split}}: {pattern}")
            if pattern.count("*") != self.images.count("*") or "*" not in pattern:
                raise ValueError(f"the patterns need the same number of *: {self.images} and {pattern}")
        return self


class Generator(Record):
    """What decides the pictures of a dataset that the suite draws itself."""

    seed: Annotated[int, Field(ge=0)]
    cities: dict[str, Annotated[tuple[Identifier, ...], Field(min_length=1)]] = Field(
        description="by split: the cities among which its pictures are shared out"
    )


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
    generator: Generator | None = Field(default=None, description="only for a dataset that is drawn")
    sources: tuple[Archive, ...] = ()
    checksums: FileName | None = Field(
        default=None, description="sha256 list of the prepared files, beside the manifest, as `sha256sum -c` reads it"
    )
    image_size: tuple[int, int] = Field(description="width, height in pixels")
    splits: dict[str, Split]
    layout: Layout
    label_set: Identifier = Field(description="file in `data_manifests/label_sets`")

    @model_validator(mode="after")
    def _checked(self) -> "Dataset":
        repacked = [source.file for source in self.sources if source.may_be_repacked]
        if repacked and self.checksums is None:
            raise ValueError(f"{repacked[0]} may be repacked, so the files inside need a list of checksums")
        if (self.preparation == "synthcity") != (self.generator is not None):
            raise ValueError("the field generator belongs to the preparation synthcity, and to no other")
        if self.generator and (cityless := self.splits.keys() - self.generator.cities.keys()):
            raise ValueError(f"generator.cities has no cities for the splits {sorted(cityless)}")
        return self
