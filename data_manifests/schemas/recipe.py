"""`data_manifests/recipes/<family>.yaml`: what a training sets, and whether authors, paper or suite chose it."""

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from .base import Identifier, Record

What = Literal[
    "training_images",
    "initial_weights",
    "input",
    "augmentation",
    "crop_size",
    "batch_size",
    "loss",
    "auxiliary_weight",
    "optimiser",
    "learning_rate",
    "backbone_rate",
    "weight_decay",
    "schedule",
    "iterations",
    "model_selection",
]
REQUIRED: tuple[What, ...] = (
    "training_images",
    "initial_weights",
    "augmentation",
    "batch_size",
    "loss",
    "optimiser",
    "learning_rate",
    "weight_decay",
    "schedule",
    "iterations",
    "model_selection",
)
"""What every recipe has to state; the others where it has them."""
Training = Annotated[str, Field(pattern=r"^[a-z0-9_]+/[a-z0-9_]+$", description="<dataset>/<model>, as its config")]


class Choice(Record):
    """One thing that a training sets."""

    what: What
    value: int | float | str = Field(
        description="what the config sets; a number in the config's own unit wherever one says it"
    )
    source: Literal["code", "paper", "ours"] = Field(
        description="code: the authors' public code does this; paper: its text does, and no code says otherwise; ours: "
        "neither says it, or the suite knowingly does it otherwise"
    )
    where: str = Field(min_length=1, description="where the source says it; with ours, why this")
    paper: str | None = Field(default=None, description="what the paper's text prints, where that is something else")
    deciding: bool = Field(
        default=True, description="whether another choice may move the score by more than another seed does"
    )


class Group(Record):
    """Trainings of a family that share choices."""

    trainings: dict[Training, Training | None] = Field(
        min_length=1, description="each with the training whose weights it starts from; null for none"
    )
    choices: tuple[Choice, ...] = ()


class RecipeFamily(Record):
    """The trainings of one family of networks; a group's choice of a thing takes the place of the family's."""

    id: Identifier
    title: str
    code: str | None = Field(description="where the authors' training code is; null where they published none")
    choices: tuple[Choice, ...] = Field(default=(), description="what holds for all groups that do not say otherwise")
    groups: tuple[Group, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_thing_once(self) -> "RecipeFamily":
        for stated in (self.choices, *(group.choices for group in self.groups)):
            things = [choice.what for choice in stated]
            if twice := sorted({what for what in things if things.count(what) > 1}):
                raise ValueError(f"one choice of each thing, not two of {twice[0]}")
        trainings = [training for group in self.groups for training in group.trainings]
        if doubled := sorted({name for name in trainings if trainings.count(name) > 1}):
            raise ValueError(f"each training in one group, not {doubled[0]} in two")
        for training, recipe in self.recipes().items():
            if missing := set(REQUIRED) - {choice.what for choice in recipe.choices}:
                raise ValueError(f"for {training} a choice of {', '.join(sorted(missing))} as well")
        return self

    def recipes(self) -> dict[str, "Recipe"]:
        """The family's trainings one by one."""
        return {
            training: Recipe(training=training, earlier=earlier, choices=self._choices(group))
            for group in self.groups
            for training, earlier in group.trainings.items()
        }

    def _choices(self, group: Group) -> tuple[Choice, ...]:
        narrower = {choice.what: choice for choice in group.choices}
        shared = {choice.what: choice for choice in self.choices}
        return tuple((shared | narrower)[what] for what in get_args(What) if what in shared | narrower)


class Recipe(Record):
    """What one training sets."""

    training: Training
    earlier: Training | None = Field(description="the training whose weights it starts from")
    choices: tuple[Choice, ...]

    @property
    def own(self) -> tuple[Choice, ...]:
        """Deciding choices that are the suite's own: a gap to the paper may be theirs."""
        return tuple(choice for choice in self.choices if choice.source == "ours" and choice.deciding)

    @property
    def against_the_text(self) -> tuple[Choice, ...]:
        """Deciding choices that follow the authors' code where their paper prints something else."""
        return tuple(choice for choice in self.choices if choice.source == "code" and choice.paper and choice.deciding)
