"""The path of the data through a network: `reports/data_paths/<dataset>/<model>.json`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import Identifier, Record, Sha256

Join = Literal["added", "concatenated", "multiplied"]


class Stage(Record):
    """One module, or several of one size that only follow each other, and the map that it gives."""

    name: str = Field(description="of the module in the module tree; of the first and the last where there are several")
    modules: Annotated[int, Field(ge=0, description="that follow each other; 0 for the image")] = 1
    inputs: tuple[Annotated[int, Field(ge=0)], ...] = Field(description="positions of the stages whose maps it takes")
    joined: tuple[Join, ...] = Field(default=(), description="how several maps become one, before the stage or in it")
    channels: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]
    width: Annotated[int, Field(gt=0)]


class DataPath(Record):
    """What a network does with one image, up to its logits."""

    schema_version: Literal[1] = 1
    dataset: Identifier
    model: Identifier
    config_files_sha256: Sha256
    code_sha256: Sha256
    stages: tuple[Stage, ...] = Field(min_length=2, description="the image first, the logits last")

    @model_validator(mode="after")
    def _only_what_came_before(self) -> "DataPath":
        for i, stage in enumerate(self.stages):
            if any(source >= i for source in stage.inputs):
                raise ValueError(f"stage {i}: inputs before it; found {stage.inputs}")
        return self
