"""What of a training is not its authors' own: the words without which nobody may read its verdict."""

from collections.abc import Iterable, Iterator, Mapping

from data_manifests.schemas.recipe import Choice, Recipe, What

WORDS: dict[What, str] = {
    "training_images": "training images",
    "initial_weights": "initial weights",
    "input": "input",
    "augmentation": "augmentation",
    "crop_size": "crop size",
    "batch_size": "batch size",
    "loss": "loss",
    "auxiliary_weight": "auxiliary weight",
    "optimiser": "optimiser",
    "learning_rate": "learning rate",
    "backbone_rate": "rate of the backbone",
    "weight_decay": "weight decay",
    "schedule": "schedule",
    "iterations": "length",
    "model_selection": "choice of the epoch",
}


def stages(training: str, recipes: Mapping[str, Recipe]) -> Iterator[Recipe]:
    """The statements on a training and on those before it whose weights it went on from, the last one first.

    Args:
        training: `<dataset>/<model>`.
        recipes: by training; nothing comes of one that is not among them.
    """
    recipe = recipes.get(training)
    while recipe is not None:
        yield recipe
        recipe = recipes.get(recipe.earlier or "")


def own_choices(trained: Iterable[str], recipes: Mapping[str, Recipe]) -> tuple[str, ...]:
    """Names what decided the scores of networks that were trained here and is the suite's own.

    Args:
        trained: `<dataset>/<model>` of each network.
        recipes: by training.

    Returns:
        Words such as `learning rate`, none twice; `everything` where no statement says otherwise.
    """
    found: dict[str, None] = {}
    for training in trained:
        if training not in recipes:
            return ("everything",)
        for recipe in stages(training, recipes):
            found |= dict.fromkeys(WORDS[choice.what] for choice in recipe.own)
    return tuple(found)


def against_the_text(trained: Iterable[str], recipes: Mapping[str, Recipe]) -> tuple[str, ...]:
    """What follows the authors' code where their paper prints something else, none twice."""
    return tuple(
        dict.fromkeys(
            f"{WORDS[choice.what]} {plain(choice)} (the paper: {choice.paper})"
            for training in trained
            for recipe in stages(training, recipes)
            for choice in recipe.against_the_text
        )
    )


def plain(choice: Choice) -> str:
    """What a training sets, as a page prints it."""
    if choice.what == "iterations":
        return f"{choice.value} iterations"
    return f"{choice.value:g}" if isinstance(choice.value, float) else str(choice.value).replace("_", " ")


def listed(words: tuple[str, ...]) -> str:
    """Words as a sentence lists them."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
