"""What all schemas share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="sha256 in lower-case hexadecimal")]
Md5 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="md5 in lower-case hexadecimal")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", description="lower-case name")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$", description="a bare file name, no folders")]
Rgb = tuple[
    Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)]
]


class Record(BaseModel):
    """An immutable record that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RemoteFile(Record):
    """One file of the outside world that the fetcher may bring in."""

    file: FileName = Field(description="name in the mirror and on disk")
    urls: tuple[Annotated[str, Field(pattern=r"^https?://")], ...] = Field(
        description="addresses in order of preference; empty when it must be placed by hand"
    )
    bytes: int = Field(gt=0, description="size in bytes")
    sha256: Sha256 | None = Field(
        description="null only where there is an md5 instead, or where a person places the file and its owner "
        "publishes none; then the size is checked"
    )
    md5: Md5 | None = Field(
        default=None,
        description="where only this is published; it finds damage, but not a file that someone made to pass for it",
    )
    size_is_approximate: bool = Field(
        default=False, description="no exact size is published: `bytes` is a rough figure, the hash decides"
    )
    may_be_repacked: bool = Field(
        default=False,
        description="the server packs the archive anew now and then, so size and sha256 may change while the files "
        "inside do not: another sha256 is reported, not refused, and each file is checked against the checksum list",
    )

    @model_validator(mode="after")
    def _checkable(self) -> "RemoteFile":
        if self.urls and self.sha256 is None and self.md5 is None:
            raise ValueError(f"{self.file} has addresses, so it needs a sha256 or an md5: nothing is fetched unchecked")
        return self
