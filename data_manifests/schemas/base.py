"""What all schemas share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="sha256 in lower-case hexadecimal")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", description="lower-case name")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", description="a bare file name without folders")]
Rgb = tuple[
    Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)]
]


class Record(BaseModel):
    """An immutable record that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RemoteFile(Record):
    """One file of the outside world that the fetcher may bring in."""

    file: FileName = Field(description="name in the mirror and on disk")
    urls: tuple[str, ...] = Field(description="addresses in order of preference; empty when it must be placed by hand")
    bytes: int = Field(gt=0, description="size in bytes")
    sha256: Sha256 | None = Field(description="null only where the owner publishes none and we never saw the file")
