"""What a verdict depends on besides claim and measurement: the page, its plan, and the facts about its dataset."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_manifests import loader
from data_manifests.schemas.checkpoint import Unclear
from data_manifests.schemas.claim import Claim
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.recipe import Recipe
from data_manifests.schemas.suite import Route, Stage, Suite, SuiteComparison, SuiteRun

from .evidence import QUANTITIES

# What papers write where a number belongs to no dataset.
NO_DATASET = {"n/a", "not stated"}


@dataclass(frozen=True)
class Context:
    """One page."""

    dataset: Dataset | None
    """None for claims about no dataset of the suite."""
    stages: tuple[Stage, ...]
    runs: tuple[SuiteRun, ...] = ()
    """Those of this page."""
    suite_models: frozenset[str] = frozenset()
    """Models that have a run on any page."""
    comparisons: tuple[SuiteComparison, ...] = ()
    """Those of this page."""
    suite_comparisons: tuple[SuiteComparison, ...] = ()
    """Those of all pages."""
    protocols: Mapping[str, Protocol] = field(default_factory=dict)
    """By id."""
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    """What is the authors' in each training, by `<dataset>/<model>`."""
    placed_weights: Mapping[str, str] = field(default_factory=dict)
    """Models of this page whose published weights must be downloaded by hand: how, and where to put the file."""
    unclear_weights: Mapping[str, Unclear] = field(default_factory=dict)
    """Models of this page whose published weights may be those of other models too."""

    @property
    def page_models(self) -> frozenset[str]:
        """Models that have a run on this page."""
        return frozenset(run.model for run in self.runs)

    def routes(self, model: str) -> dict[Route, SuiteRun]:
        """Where the weights of a model come from on this page, other than from nowhere."""
        return {run.route: run for run in self.runs if run.model == model and run.route != "untrained"}


def context_of(dataset: Dataset | None, suite: Suite, report: str | None) -> Context:
    """What the verdicts of a page depend on.

    Args:
        dataset: of the page; None for claims about no dataset of the suite.
        suite: all reports.
        report: the page; None for claims that belong on none.
    """
    page = None if report is None else suite.reports[report]
    collections = loader.checkpoint_collections().values()
    published = [
        (collection, file)
        for collection in collections
        for file in collection.published
        if dataset is not None and file.dataset == dataset.id
    ]
    return Context(
        dataset=dataset,
        stages=suite.stages,
        runs=page.runs if page else (),
        suite_models=frozenset(run.model for each in suite.reports.values() for run in each.runs),
        comparisons=page.comparisons if page else (),
        suite_comparisons=tuple(c for each in suite.reports.values() for c in each.comparisons),
        protocols=loader.protocols(),
        recipes=loader.recipes(),
        placed_weights={
            file.model: f"{file.by_hand} Put it at weights/{collection.id}/{file.file}."
            for collection, file in published
            if file in collection.placed
        },
        unclear_weights={file.model: file.unclear for _, file in published if file.unclear is not None},
    )


def pages_of(suite: Suite) -> dict[str, Context]:
    """Every page of the suite, by its name."""
    return {name: context_of(loader.dataset(page.dataset), suite, name) for name, page in suite.reports.items()}


def networks(claim: Claim, context: Context) -> tuple[str, ...]:
    """The suite's models that a claim may be about, in the order of certainty."""
    named = (claim.variant, *claim.candidates)
    also = (model for model, unclear in context.unclear_weights.items() if claim.variant in unclear.models)
    return tuple(dict.fromkeys(model for model in (*named, *also) if model is not None))


def answers(comparison: SuiteComparison, claim: Claim) -> bool:
    """Whether a comparison measures what a claim is about: the same quantity, baseline and model.

    Where the paper does not say which of its models it means, the comparison must name the claim.
    """
    model, baseline = comparison.models
    return (
        claim.metric.partition("_vs:")[:2] == (QUANTITIES[comparison.quantity], "_vs:")
        and claim.baseline == baseline
        and (claim.variant == model or claim.id in comparison.claims)
    )


def concerns(claim: Claim, context: Context) -> bool:
    """Whether a claim belongs on a page.

    It does if a comparison of the page answers it, or if it is about the page's dataset, under the suite's name or a
    paper's name for it. A claim that names no dataset belongs on the pages that have its model, unless a comparison of
    another page answers it. The page of a dataset that no paper uses has only claims that use the suite's name.
    """
    if any(answers(comparison, claim) for comparison in context.comparisons):
        return True
    if context.dataset is None:
        return False
    if claim.dataset in NO_DATASET and context.dataset.claim_names:
        answered = any(answers(comparison, claim) for comparison in context.suite_comparisons)
        return claim.variant in context.page_models and not answered
    return claim.dataset in (context.dataset.id, *context.dataset.claim_names)
