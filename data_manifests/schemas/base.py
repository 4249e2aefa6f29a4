"""What all schemas share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="sha256 in lower-case hexadecimal")]
Sha1 = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$", description="sha1 in lower-case hexadecimal")]
Md5 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="md5 in lower-case hexadecimal")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", description="lower-case name")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$", description="a bare file name, no folders")]
Seed = Annotated[
    int,
    Field(ge=0, lt=2**32, description="a whole number from 0 to 4294967295, the largest that NumPy takes as a seed"),
]
Rgb = tuple[
    Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)]
]


class Record(BaseModel):
    """An immutable record that rejects unknown fields."""

    # Built when it is first used: a plan needs a few of them, and all would take it a fifth of a second.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


STRICT = ConfigDict(extra="forbid")
"""Of a dataclass with slots, which takes the place of a `Record` where a page holds tens of thousands: such a one takes
a fourth of the memory, as it does not note which fields were set."""


class RemoteFile(Record):
    """A file that the suite downloads, or that a person places."""

    file: FileName = Field(description="name in the mirror and on disk")
    # This machine excepted, which no way leads to that others could listen on.
    urls: tuple[Annotated[str, Field(pattern=r"^(https://|http://127\.0\.0\.1[:/])")], ...] = Field(
        description="addresses in order of preference, https alone; empty when it must be placed by hand"
    )
    bytes: int = Field(gt=0, description="size in bytes")
    sha256: Sha256 | None = Field(
        description="null only where there is a sha1 or md5 instead, or where a person places the file and its owner "
        "publishes no checksum; then the size is checked"
    )
    sha1: Sha1 | None = Field(
        default=None,
        description="where no sha256 is published; it detects damage, but not a forged file",
    )
    md5: Md5 | None = Field(default=None, description="as sha1, where not even that is published")
    size_is_approximate: bool = Field(
        default=False, description="no exact size is published: `bytes` is a rough figure, the hash decides"
    )
    may_be_repacked: bool = Field(
        default=False,
        description="the server may create the archive again, which changes its size and sha256 but not the files "
        "inside: a different sha256 is reported, not rejected, and each file is checked against the checksum list",
    )
    other_packings: tuple[Sha256, ...] = Field(
        default=(),
        description="files of another size and sha256 that are taken for this one too, because somebody made sure that "
        "the owner packed it anew; what is prepared of it is verified all the same",
    )

    @model_validator(mode="after")
    def _checkable(self) -> "RemoteFile":
        if self.urls and self.digest is None:
            raise ValueError(
                f"{self.file} has addresses, so it needs a sha256, sha1 or md5: nothing is fetched unchecked"
            )
        return self

    @property
    def digest(self) -> tuple[str, str] | None:
        """The name of the best hash that is published, as hashlib knows it, and its value; None if there is none."""
        published = (("sha256", self.sha256), ("sha1", self.sha1), ("md5", self.md5))
        return next(((name, value) for name, value in published if value is not None), None)
