# What the rules of all stages share: the suite file, checked before the first job, and every function that a rule calls.

import atexit
import os
import sys
from functools import cache, wraps
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

from data_manifests import loader
from data_manifests.schemas.suite import Suite
from segrepro.atomic import require_target
from segrepro.errors import SegReproError
from segrepro.machine import SLOTS
from segrepro.system_errors import require_no_dangling_link, system_errors_explained
from workflow import outdated, plan
from workflow.claimed_protocols import claimed_protocols, inference_of, single_scale_claims
from workflow.config_files import base_files
from workflow.cuda import require_cuda
from workflow.data import checksum_list, deciding_facts
from workflow.data.fetch.disk import archives_to_come, require_room_for_archives
from workflow.data.fetch.in_place import unpacked
from workflow.data.fetch.placement import require_placed
from workflow.data.placed_by_hand import STAMP, expected_layout, is_placed_by_hand
from workflow.gpus import visible_gpus
from workflow.official_weights import checkpoint_file, missing_weights
from workflow.plan import RUN
from workflow.stopping import AGAIN, stop_at_sigterm

min_version("9.0")

# The software of every rule: conda brings Python and make, and `make setup` adds the packages of requirements.lock.
ENVIRONMENT = str(Path(workflow.basedir) / "environment.yml")

# Snakemake runs from that environment, which need not be activated: its Python must be the one the rules find. A prefix
# of one's own takes the place of Snakemake's strict mode, so that is said here too; a program piped to `tee` may fail.
shell.prefix(f'set -euo pipefail; export PATH="{Path(sys.executable).parent}:$PATH"; ')


def plainly(function):
    """Has Snakemake print what a person can do something about as one message, without a traceback."""

    @wraps(function)
    def wrapped(*arguments, **named):
        try:
            with system_errors_explained():
                return function(*arguments, **named)
        except SegReproError as error:
            raise WorkflowError(str(error)) from None

    return wrapped


def once(*names):
    """Has a function of wildcards find the same only once for each value of those that it depends on, as a plan asks for
    it for every run. Nothing that it reads changes within a plan.
    """

    def decorate(function):
        found = {}

        @wraps(function)
        def wrapped(wildcards):
            key = tuple(getattr(wildcards, name) for name in names)
            if key not in found:
                found[key] = function(wildcards)
            return found[key]

        return wrapped

    return decorate


@plainly
def checked_suite():
    """The suite file with what `--config` changes of it, and the reports."""
    suite = loader.with_reports(
        loader.validate(config, Suite, "config/suite.yaml (with --config)"), Path("config/reports")
    )
    in_file = loader.suite(Path("config/suite.yaml"))
    for field in Suite.model_fields.keys() - {"stages", "mirror", "keep_archives"}:
        if getattr(suite, field) != getattr(in_file, field):
            raise SegReproError(
                f"--config: {field}: found another value than in config/suite.yaml; expected stages, mirror or"
                " keep_archives, as pages take all else from the file alone. Change it there"
            )
    return suite


for _folder in ("data", "logs", "reports", "results", "weights"):
    plainly(require_no_dangling_link)(Path(_folder))

SUITE = checked_suite()
CHECKPOINTS = plainly(loader.checkpoint_collections)()

# The environment takes it to the programs that fetch, and to ImageNet weights, which a config asks for while its
# network is initialised. As a parameter it would have everything fetched again whenever it changes.
MIRROR = Path(stated) if (stated := os.environ.get("SEGREPRO_MIRROR") or SUITE.mirror) else None
if MIRROR:
    os.environ.update(SEGREPRO_MIRROR=str(MIRROR))

# What a job that runs a network asks for; Snakemake gives it no more than `--cores`. Such jobs run one at a time, so
# fewer would leave cores idle; on a cluster more would wait for a whole node.
TORCH_THREADS = 8

# `--resources` takes the place of all limits of the profile; those that are not named there hold all the same. With
# several GPUs networks run one at a time on each, and they share the machine's cores. Programs of other commands on this
# machine heed how many networks may run at once.
if workflow.local_exec:
    for _limit, _most in (("torch", 1), ("machine", 1000)):
        if _limit not in workflow.global_resources:
            workflow.global_resources[_limit] = _most
    if workflow.is_main_process and (here := len(visible_gpus())) > 1:
        workflow.register_resource("torch", here * workflow.global_resources["torch"].value)
        TORCH_THREADS = max(1, min(TORCH_THREADS, workflow.cores // here))
    os.environ[SLOTS] = str(workflow.global_resources["torch"].value)


def more_each_try(amount):
    """Memory in MB, or minutes, that a job asks for on a cluster: up to three times as much where a try had too little."""
    return lambda wildcards, attempt: amount * min(attempt, 3)


TO_BRING_IN = set()  # datasets whose archives the plan needs


wildcard_constraints:
    dataset=r"[a-z0-9_-]+",
    model=r"[a-z0-9_-]+",
    route="official|retrained|untrained",
    seed=r"\d+",


# Of a dataset, as the wildcards name it.


@once("dataset")
@plainly
def dataset(wildcards):
    """Its manifest."""
    return loader.dataset(wildcards.dataset)


@once("dataset")
@plainly
def data_of(wildcards):
    """What stands for its files: the last that the suite writes when it prepares them. Where a person placed them it is
    their folder, which no rule makes, so that Snakemake never removes it."""
    folder = Path("data") / wildcards.dataset
    return str(folder if is_placed_by_hand(folder) else folder / STAMP)


@plainly
def archives(wildcards):
    """Its archives. One that a single split needs counts where somebody placed it, now or before."""
    manifest = dataset(wildcards)
    folder, prepared = Path("data/downloads") / manifest.id, Path("data") / manifest.id
    if not (prepared / STAMP).exists():
        TO_BRING_IN.add(manifest.id)
        say_what_archives_need(manifest.id)
    places = [folder] + ([MIRROR / manifest.id] if MIRROR else [])
    needed = [
        source
        for source in manifest.sources
        if not source.may_be_left_out
        or any((place / source.file).exists() for place in places)
        or any((prepared / manifest.layout_of(split).names.format(split=split)).exists() for split in source.splits)
    ]
    return [str(folder / source.file) for source in needed if unpacked(source, folder) is None]


@cache
@plainly
def say_what_archives_need(name):
    """What a person must place must be there, or there is no plan; and what the rest takes is said, once."""
    manifest, folder = loader.dataset(name), Path("data/downloads") / name
    require_target(Path("data") / name)
    require_placed(manifest, folder, MIRROR)
    if to_come := archives_to_come(manifest, folder, Path("data") / name):
        print(
            f"{to_come}. Who has it unpacked puts a link to it at data/{name} instead, as {expected_layout(manifest)}",
            file=sys.stderr,
        )


def facts(decide):
    """The parameters of a rule whose outputs the facts of a dataset decide; a new sentence or comment is none of them."""

    @once("dataset")
    @plainly
    def parameters(wildcards):
        manifest = loader.dataset(wildcards.dataset)
        return decide(manifest, loader.label_set(manifest.label_set), checksum_list.listed_for(manifest))

    return parameters


LABEL_FACTS = facts(lambda manifest, labels, checksums: deciding_facts.of_predictions(labels))


# Whether what lies in `data` and `results` can be used as it is. Its content decides, and no time of a file: neither a
# fresh clone nor a copy from another machine makes anything anew.

RESULTS = outdated.Results()
atexit.register(RESULTS.keep)


def while_right(reason, output, **inputs):
    """For `unpack`: the inputs of a rule, `ancient` as long as there is no reason to make an output again. If there is
    one, it is said, and the rule runs whatever depends on it, as a failed job takes its outputs with it, and Snakemake
    misses none of them where their pages are still there.
    """

    @plainly
    def inputs_of(wildcards):
        named = dict(wildcards.items())
        found = {name: item(wildcards) if callable(item) else item.format(**named) for name, item in inputs.items()}
        # A job in a process of its own does what it was started for.
        if not workflow.is_main_process or (why := reason(wildcards)) is None:
            return {name: [ancient(file) for file in listed(files)] for name, files in found.items()}
        workflow.dag.forcefiles.add(output.format(**named))
        if Path(output.format(**named)).exists():
            say_once(f"{why}; making {output.format(**named)} again")
        return {name: listed(files) for name, files in found.items()}

    return inputs_of


def listed(files):
    """One file as a list, too."""
    return [files] if isinstance(files, str) else files


@cache
def say_once(text):
    """Prints a line on stderr, the first time."""
    print(text, file=sys.stderr)


def run_of(wildcards, route="retrained"):
    """The run that wildcards name; rules for one route have none for it."""
    return outdated.Run(wildcards.dataset, wildcards.model, getattr(wildcards, "route", route), int(wildcards.seed))


# Of a model on a dataset.


@once("dataset", "model")
@plainly
def config_files(wildcards):
    """Its config, followed by the files that it is composed of."""
    return base_files(outdated.config_of(wildcards.dataset, wildcards.model))


@once("dataset", "model")
@plainly
def official_checkpoint(wildcards):
    """The authors' file; one that only a person can bring must lie there before any job."""
    return str(checkpoint_file(CHECKPOINTS.values(), wildcards.model, wildcards.dataset, MIRROR))


def source_of(wildcards):
    """The authors' file that the weights of a run come from; None for other routes."""
    return Path(official_checkpoint(wildcards)) if wildcards.route == "official" else None


@plainly
def pretrained(wildcards):
    """The weights that a training starts from, of its own seed; most start from none."""
    return RESULTS.earlier_stage(run_of(wildcards)) or []


SHORT_TRAININGS = plan.short_trainings(SUITE)


def gpus(wildcards):
    """How many a training asks for: none if it takes minutes, as it does on any dataset that the suite draws."""
    short = (wildcards.dataset, wildcards.model) in SHORT_TRAININGS
    return 0 if short or dataset(wildcards).generator is not None else 1


@once("dataset", "model")
@plainly
def needed_protocols(wildcards):
    """The protocols whose inference its claims need; mostly none, as one scale is the rule."""
    return claimed_protocols(wildcards.model, wildcards.dataset)


def protocol_files(wildcards):
    """Their files."""
    return [f"data_manifests/protocols/{protocol}.yaml" for protocol in needed_protocols(wildcards)]


@plainly
def protocol_file(wildcards):
    """The protocol that is named behind the split of a submission, if any."""
    protocol = wildcards.protocol.removeprefix("-")
    return [f"data_manifests/protocols/{protocol}.yaml"] if protocol and inference_of(protocol) else []


@plainly
def claim_to_depart_from(wildcards):
    """The claim whose sensitivity to its protocol is measured: the first of its kind."""
    return next(iter(single_scale_claims(wildcards.model, wildcards.dataset)))


# Of a comparison of two models on a dataset.


@plainly
def planned_comparison(wildcards):
    """What the suite plans; none of it but this comparison, as another one is no reason to measure it again."""
    return plan.find_comparison(SUITE, wildcards.dataset, wildcards.comparison)[0]


def comparison_facts(wildcards):
    """What decides how it is measured."""
    return planned_comparison(wildcards).model_dump_json(exclude={"claims"})


@plainly
def compared_configs(wildcards):
    """The configs of both models, followed by the files that they are composed of."""
    folder = Path("mmseg_plugins/configs", wildcards.dataset)
    return [file for model in planned_comparison(wildcards).models for file in base_files(folder / f"{model}.py")]


def scored(file):
    """A file of the runs of model and of baseline whose mIoU it is about."""

    @plainly
    def files(wildcards):
        return [f"{run}/{file}" for run in plan.scored_folders(SUITE, wildcards.dataset, wildcards.comparison)]

    return files


# Of a plan as a whole.


@plainly
def require_what_is_planned():
    """What planning found that the machine must have: room for archives, and a GPU where networks are trained on one."""
    require_room_for_archives([loader.dataset(name) for name in sorted(TO_BRING_IN)], Path("data"))
    # On a cluster the nodes train, not the machine that hands out the jobs.
    if workflow.local_exec:
        trainings = [job for job in workflow.dag.needrun_jobs() if job.rule.name == "train" and job.resources.gpu]
        require_cuda(sorted(str(Path(job.output.weights).parent) for job in trainings))


def summarise():
    """Writes what each job took, unless only pages were built."""
    if {job.rule.name for job in workflow.dag.jobs} - {"all", "index", "page"}:
        shell("python workflow/scripts/summary.py --logs logs --out results/summary.tsv")


# Of a page.


def from_what_is_at_hand():
    """Whether nobody chose what to build, neither pages nor stages: then nothing but the pages themselves is made."""
    targets, given = set(workflow.dag_settings.targets), workflow.config_settings.overwrite_config
    return targets <= {"all", "index", *map(str, rules.index.output)} and "stages" not in given


@plainly
def planned_page(wildcards):
    """What the suite plans for it."""
    if wildcards.report not in SUITE.reports:
        known = ", ".join(sorted(SUITE.reports))
        raise SegReproError(f"config/reports: no report {wildcards.report!r}; it has: {known}")
    return SUITE.reports[wildcards.report]


@plainly
def evidence(wildcards):
    """Its evidence files: those that the stages make, or those at hand."""
    planned = planned_page(wildcards)
    if from_what_is_at_hand():
        # By absolute paths, which are no output of any job. What is at hand is taken as it is; its data may be gone.
        return [str(Path(file).absolute()) for file in plan.evidence_at_hand(SUITE, planned).files]
    counted_elsewhere = [
        run
        for run in plan.profiled_runs(planned)
        if RESULTS.counted_elsewhere(outdated.Run(run.dataset, run.model, run.route, run.seed))
    ]
    return plan.evidence(
        SUITE, planned, missing_weights(CHECKPOINTS.values(), planned.dataset, MIRROR), counted_elsewhere
    )


def page_stages(wildcards):
    """The stages that it has in full."""
    chosen = plan.evidence_at_hand(SUITE, planned_page(wildcards)).stages if from_what_is_at_hand() else SUITE.stages
    return ",".join(chosen)


def every_page(wildcards):
    """All pages; what they are built from is said where nobody chose it."""
    if from_what_is_at_hand():
        print(
            "All pages, from the evidence at hand: committed, or measured here before. Nothing is fetched, trained or"
            " measured. To measure, name a page or the stages: snakemake --cores all reports/<page>.html",
            file=sys.stderr,
        )
    return [f"reports/{name}.html" for name in SUITE.reports]
