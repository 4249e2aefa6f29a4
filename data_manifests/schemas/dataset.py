"""`data_manifests/datasets/<dataset>.yaml`."""

from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import FileName, Identifier, Record, RemoteFile


class Licence(Record):
    """The licence that the owner gives."""

    name: str
    url: str
    terms: str = Field(description="one sentence for readers")


class PackagePages(Record):
    """Pages that the Cityscapes site shows to those who are logged in; `{id}` is the number of a file in its list."""

    file: str
    md5: str = Field(description="its first word is the md5 of the file")


class Login(Record):
    """How a person gets files that the suite cannot download without an account or a person."""

    account_url: str | None = Field(description="where to register; null if no account is needed")
    instructions: str = Field(description="next step, as one or two sentences")
    packages: PackagePages | None = Field(
        default=None,
        description="where the suite downloads with the user's account; null: a person downloads the files",
    )


class ScoringServer(Record):
    """Where the owner scores predictions for splits whose labels are hidden."""

    url: str
    form: Literal["cityscapes", "voc2012"] = Field(description="what a submission looks like")


class Archive(RemoteFile):
    """A zip or tar file of which one folder is extracted, or a file that is read as it is."""

    folder: str = Field(description="folder inside the archive whose files are wanted; empty where it is no archive")
    wanted: tuple[str, ...] = Field(
        default=("*",), description="patterns of the wanted paths below the folder; here * also matches /"
    )
    splits: tuple[str, ...] = Field(
        default=(),
        description="the splits that alone need it, where others do without; they may be missing in data that a person "
        "places, and where nobody placed an archive that cannot be fetched",
    )

    @property
    def may_be_left_out(self) -> bool:
        """Whether the dataset is prepared without it where nobody placed it."""
        return bool(self.splits) and not self.urls


class Layout(Record):
    """Paths of the images and label maps of a split in the prepared folder.

    All are patterns with `*`; an image and its maps have the same text in place of every `*`. The images
    of a split are given by `{split}` in the patterns, or by a file that lists the text in place of the only `*`.
    """

    images: str
    labels: str
    labels_also_at: tuple[str, ...] = Field(
        default=(), description="where other forms of the download have the label maps; the first that has any counts"
    )
    instances: str | None = Field(default=None, description="instance maps as those of Cityscapes, where there are any")
    names: str | None = Field(default=None, description="list file with `{split}` in its path, one name in each line")

    @model_validator(mode="after")
    def _pairs(self) -> "Layout":
        stars = self.images.count("*")
        maps = {"images": self.images, "labels": self.labels}
        maps |= {f"labels_also_at {index}": pattern for index, pattern in enumerate(self.labels_also_at)}
        if self.instances is not None:
            maps["instances"] = self.instances
        for pattern in maps.values():
            if pattern.count("*") != stars or stars == 0:
                raise ValueError(f"the patterns need the same number of *: {self.images} and {pattern}")
        if self.names is not None and self.labels_also_at:
            raise ValueError("with a list file there is one place for label maps; labels_also_at cannot be given")
        if self.names is not None and stars > 1:
            raise ValueError(f"with a list file the patterns need one *: {self.images} and {self.labels}")
        for name, pattern in (maps if self.names is None else {"names": self.names}).items():
            if "{split}" not in pattern:
                raise ValueError(f"the pattern of the {name} has no {{split}}: {pattern}")
        return self


class Split(Record):
    """One split with its expected number of images."""

    images: Annotated[int, Field(gt=0)] | None = Field(
        description="null: the preparation selects images by content, and their number is not published"
    )
    labels: Literal["public", "hidden"] = Field(
        default="public", description="hidden: only the owner has them; the split may be missing in prepared data"
    )
    layout: Layout | None = Field(default=None, description="layout of this split, if it differs from the dataset's")
    note: str | None = Field(
        default=None,
        description="what a reader must know about its images, such as other counts in print; pages show it",
    )


class KnownBadFile(Record):
    """An image that is damaged as its owner gives it: it may have any of its known forms, and is never used."""

    image: str = Field(description="its path in the prepared folder")
    split: str = Field(description="the split that counts it")
    tolerated: Annotated[tuple[Literal["black", "black, one channel", "absent"], ...], Field(min_length=1)] = Field(
        description="forms that are let pass; black: every pixel is 0, in three channels unless said otherwise"
    )
    reason: str = Field(description="what is known about it, and from where")


class Sampling(Record):
    """How far the images of a split are independent of one another, which decides how intervals resample them."""

    sequence: str | None = Field(
        default=None,
        description="regular expression; images in whose names it matches the same text are frames of one sequence, in "
        "the order of their names",
    )
    block: Annotated[int, Field(gt=0)] = Field(
        default=1, description="frames that are drawn together, one after another in their sequence"
    )
    why: str = Field(description="as one or two sentences, for the page")

    @model_validator(mode="after")
    def _blocks_of_a_sequence(self) -> "Sampling":
        if (self.sequence is None) != (self.block == 1):
            raise ValueError("block: frames are drawn together within a sequence; name both or none")
        return self


class Generator(Record):
    """Settings of a dataset that the suite generates."""

    seed: Annotated[int, Field(ge=0)]
    cities: dict[str, Annotated[tuple[Identifier, ...], Field(min_length=1)]] = Field(
        description="by split: the cities that its images are divided among"
    )


class Dataset(Record):
    """A dataset: where it comes from, what it contains, and how it is read."""

    id: Identifier
    title: str
    description: str
    claim_names: tuple[str, ...] = Field(description="the names that papers use for it")
    licence: Licence
    citation: str
    login: Login | None = None
    test_server: ScoringServer | None = None
    availability: Literal["public", "not public"] = Field(
        default="public", description="not public: its owner does not share it, so no run can use it"
    )
    preparation: Literal[
        "camvid",
        "camvid_720",
        "cityscapes",
        "cityscapes_coarse",
        "coco_voc",
        "manual",
        "nyu_depth_v2",
        "pascal_context",
        "synthcity",
        "voc2012",
    ] = Field(description="function that prepares the files; manual: a person prepares them, and they are only checked")
    needs: tuple[Identifier, ...] = Field(default=(), description="datasets whose prepared files this one links to")
    generator: Generator | None = Field(default=None, description="only for a dataset that the suite generates")
    sources: tuple[Archive, ...] = ()
    checksums: FileName | None = Field(
        default=None, description="sha256 list of the prepared files, next to the manifest, as `sha256sum -c` reads it"
    )
    image_size: tuple[int, int] | None = Field(description="width, height in pixels; null: images of many sizes")
    splits: dict[str, Split]
    known_bad_files: tuple[KnownBadFile, ...] = ()
    layout: Layout
    sampling: Sampling | None = Field(default=None, description="null: nothing is known that ties images together")
    reduce_zero_label: bool = Field(
        default=False,
        description="as in MMSegmentation: label maps contain train id + 1, and 0 for pixels without a class",
    )
    label_set: Identifier = Field(description="file in `data_manifests/label_sets`")
    category_ids: dict[str, int] | None = Field(
        default=None, description="the owner's id of classes of the label set, where the preparation translates ids"
    )

    @model_validator(mode="after")
    def _sources_fit(self) -> "Dataset":
        repacked = [source.file for source in self.sources if source.may_be_repacked]
        if repacked and self.checksums is None:
            raise ValueError(f"{repacked[0]} may be repacked, so the files inside need a list of checksums")
        with_archive = {split for source in self.sources for split in source.splits}
        if unknown := with_archive - self.splits.keys():
            raise ValueError(f"sources belong to the splits {sorted(unknown)}, which splits does not have")
        if unlisted := [split for split in sorted(with_archive) if self.layout_of(split).names is None]:
            raise ValueError(f"the splits {unlisted} may be left out, so their layout needs a list file (names)")
        return self

    @model_validator(mode="after")
    def _generator_fits(self) -> "Dataset":
        if (self.preparation == "synthcity") != (self.generator is not None):
            raise ValueError("the field generator belongs to the preparation synthcity, and to no other")
        if self.generator and (self.image_size is None or None in {split.images for split in self.splits.values()}):
            raise ValueError("a generated dataset needs an image_size and the number of images of each split")
        if self.generator and (cityless := self.splits.keys() - self.generator.cities.keys()):
            raise ValueError(f"generator.cities has no cities for the splits {sorted(cityless)}")
        return self

    @model_validator(mode="after")
    def _known_bad_files_fit(self) -> "Dataset":
        if unknown := {bad.split for bad in self.known_bad_files} - self.splits.keys():
            raise ValueError(f"known_bad_files belong to the splits {sorted(unknown)}, which splits does not have")
        for bad in self.known_bad_files:
            layout = self.layout_of(bad.split)
            if layout.names is not None or not PurePath(bad.image).match(layout.images.format(split=bad.split)):
                raise ValueError(f"known_bad_files: {bad.image} is no image of {bad.split} by the layout's patterns")
        return self

    def layout_of(self, split: str) -> Layout:
        """The layout of a split."""
        return self.splits[split].layout or self.layout

    def known_bad_images(self, split: str) -> frozenset[str]:
        """The paths of the images of a split that nothing is trained on or scored on."""
        return frozenset(bad.image for bad in self.known_bad_files if bad.split == split)

    def usable_images(self, split: str) -> int | None:
        """How many images of a split are trained on or scored: all but the known bad ones; None if nobody says."""
        images = self.splits[split].images
        return None if images is None else images - len(self.known_bad_images(split))
