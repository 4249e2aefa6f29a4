"""Why a result must be made again: what it says it was made from, and what lies there now.

Content decides, never the time of a file alone. Nothing here needs Snakemake or PyTorch.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from data_manifests import evidence_file, loader
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.evidence import (
    Comparison,
    Difference,
    Efficiency,
    Evaluation,
    Origin,
    Prediction,
    Profile,
    Provenance,
    Sensitivity,
    Training,
    pictures_of,
)
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.runtime import computing_code
from mmseg_plugins.runtime.computing_code import (
    CONVERSION,
    COST,
    INITIALISATION,
    PREDICTION,
    TRAINING,
    Part,
    code_sha256,
    config_files_sha256,
)
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_hashes
from segrepro.known_hashes import KnownHashes
from workflow.config_files import earlier_stage, load_from
from workflow.data import checksum_list, deciding_facts
from workflow.data.check import split_files
from workflow.data.placed_by_hand import STAMP
from workflow.scoring import scoring_sha256

MANY = 500
"""Files that are not read again without a word."""

SOURCES = Path(".cache/sources")
"""What the sources said that an earlier plan read."""

Schema = TypeVar("Schema", bound=BaseModel)


class Run(NamedTuple):
    """A run, as the folders of results name it."""

    dataset: str
    model: str
    route: str
    seed: int

    @property
    def folder(self) -> Path:
        """Where its results lie."""
        return Path("results", self.dataset, self.model, self.route, f"seed{self.seed}")

    @property
    def config(self) -> Path:
        """Its config."""
        return config_of(self.dataset, self.model)

    @classmethod
    def of(cls, weights: Path) -> "Run":
        """The run that `weights.pth` belongs to."""
        dataset, model, route, seed = weights.parts[-5:-1]
        return cls(dataset, model, route, int(seed.removeprefix("seed")))


def config_of(dataset: str, model: str) -> Path:
    """The config of a model on a dataset."""
    return Path("mmseg_plugins/configs", dataset, f"{model}.py")


class _Outdated(Exception):  # noqa: N818  # no error: the answer to a question
    """Says which file cannot be used as it is, and why."""


class Results:
    """The results below the current folder, for one plan: each file is read once.

    The public methods say why a result must be made again; None where it can be used as it is.
    """

    def __init__(self) -> None:
        """Takes up what an earlier plan kept: hashes, and what sources say."""
        self._hashes = {name: KnownHashes(Path(name, ".hashes")) for name in ("results", "weights")}
        computing_code.take_up(SOURCES)
        self._records: dict[Path, BaseModel] = {}
        self._reasons: dict[tuple[Any, ...], str | None] = {}
        self._configs: dict[tuple[Path, ...], str] = {}
        self._code: dict[tuple[tuple[Path, ...], Part], str] = {}
        self._data: dict[str, dict[str, Any]] = {}
        self._scoring: dict[str, str] = {}
        self._stages: dict[Path, str | None] = {}

    def keep(self) -> None:
        """Keeps for the next plan what need not be read again."""
        for known in self._hashes.values():
            known.keep()
        computing_code.keep(SOURCES)

    def preparation(self, dataset: str) -> str | None:
        """Of `data/<dataset>`, as far as the suite made it and it is there."""
        return self._reason(self._check_preparation, dataset)

    def verification(self, dataset: str) -> str | None:
        """Of `data/verified/<dataset>.json`; where the data is not there, of the facts that it went by."""
        return self._reason(self._check_verification, dataset)

    def weights(self, run: Run, source: Path | None) -> str | None:
        """Of `weights.pth` of the routes `official` and `untrained`, if it is there; `source` is the authors' file."""
        return self._reason(self._check_weights, run, source)

    def training(self, run: Run) -> str | None:
        """Of `training.json`, and of `weights.pth` as far as it is there."""
        return self._reason(self._check_training, run)

    def prediction(self, run: Run, source: Path | None, protocols: Sequence[str]) -> str | None:
        """Of `prediction.json` and what lies beside it.

        Args:
            run: whose it is.
            source: the authors' file that its weights come from, if any.
            protocols: those with an inference of their own that it must hold.
        """
        return self._reason(self._check_prediction, run, source, tuple(protocols))

    def evaluation(self, run: Run) -> str | None:
        """Of `evaluation.json`, which must be about the prediction beside it."""
        return self._reason(self._check_evaluation, run)

    def sensitivity(self, run: Run, source: Path | None) -> str | None:
        """Of `sensitivity.json`; `source` as for a prediction."""
        return self._reason(self._check_sensitivity, run, source)

    def cost(self, run: Run, kind: str) -> str | None:
        """Of `profile.json` or `efficiency.json`, the kind."""
        return self._reason(self._check_cost, run, run.folder / f"{kind}.json")

    def counted_elsewhere(self, run: Run, measurements: Path = Path("reports/measurements")) -> bool:
        """Whether `profile.json` is committed, and was made from the config and the code that lie here now."""
        committed = measurements.glob(f"*/{run.folder.relative_to('results')}/profile.json")
        return any(self._reason(self._check_cost, run, path) is None for path in sorted(committed))

    def earlier_stage(self, run: Run) -> str | None:
        """The weights that a training starts from, of its own seed; None where it starts from none."""
        if run.config not in self._stages:
            self._stages[run.config] = load_from(run.config)
        return earlier_stage(self._stages[run.config], run.seed)

    def comparison(self, dataset: str, name: str, models: Sequence[str]) -> str | None:
        """Of what two networks cost side by side."""
        return self._reason(self._check_comparison, dataset, name, tuple(models))

    def difference(self, dataset: str, name: str, folders: Sequence[str]) -> str | None:
        """Of the difference of two predictions, in the folders of their runs."""
        return self._reason(self._check_difference, dataset, name, tuple(folders))

    def _reason(self, check: Callable[..., None], *subject: Any) -> str | None:
        key = (check.__name__, *subject)
        if key not in self._reasons:
            try:
                check(*subject)
                self._reasons[key] = None
            except _Outdated as reason:
                self._reasons[key] = str(reason)
        return self._reasons[key]

    def _require(self, reason: str | None) -> None:
        if reason is not None:
            raise _Outdated(reason)

    def _check_verification(self, dataset: str) -> None:
        verified, now = Path(f"data/verified/{dataset}.json"), self._data_now(dataset)
        if now is None and not verified.is_file():
            return  # made when something needs the data
        try:
            before = json.loads(verified.read_text(encoding="utf-8"))
        except ValueError:
            raise _Outdated(f"{verified}: damaged") from None
        if now is None and isinstance(before, dict):
            now = before | deciding_facts.hashes_of(*self._facts_now(dataset))
        if before != now:
            raise _Outdated(f"data/{dataset}: other files or facts than {verified} tells of")

    def _check_preparation(self, dataset: str) -> None:
        stamp = Path("data", dataset, STAMP)
        facts = deciding_facts.as_text(deciding_facts.of_prepared_files(*self._facts_now(dataset)))
        if stamp.is_file() and stamp.read_text(encoding="utf-8") != facts:
            raise _Outdated(f"data/{dataset}: prepared by other facts than its manifest states now")

    def _facts_now(self, dataset: str) -> tuple[Dataset, LabelSet, dict[str, str] | None]:
        manifest = loader.dataset(dataset)
        return manifest, loader.label_set(manifest.label_set), checksum_list.listed_for(manifest)

    def _check_weights(self, run: Run, source: Path | None) -> None:
        if not (run.folder / "weights.pth").is_file():
            return  # made when something needs them
        origin = self._record(run.folder / "weights.json", Origin)
        part = CONVERSION if run.route == "official" else INITIALISATION
        self._compare(run.folder / "weights.json", origin, [run.config], part)
        if source is not None and source.is_file() and self._hash(source) != origin.source_sha256:
            raise _Outdated(f"{run.folder}/weights.pth: made from another file than {source}")
        self._check_weights_file(run, origin.weights_sha256, "weights.json")

    def _check_weights_file(self, run: Run, expected: str, evidence: str) -> None:
        weights = run.folder / "weights.pth"
        if weights.is_file() and self._hash(weights) != expected:
            raise _Outdated(f"{weights}: not the file that {evidence} beside it tells of")

    def _check_training(self, run: Run) -> None:
        path = run.folder / "training.json"
        record = self._record(path, Training)
        self._check_weights_file(run, record.weights_sha256, path.name)
        # A training takes days: one from before its evidence said what it was made from is used as it is.
        self._compare(path, record.provenance, [run.config], TRAINING, run.dataset, only_stated=True)
        earlier = self.earlier_stage(run)
        if earlier is not None and (stage := Run.of(Path(earlier))).folder.is_dir():
            self._require(self.training(stage))
            if self._record(stage.folder / "training.json", Training).weights_sha256 != record.pretrained_sha256:
                raise _Outdated(f"{path}: started from other weights than {earlier}")

    def _check_prediction(self, run: Run, source: Path | None, protocols: tuple[str, ...]) -> None:
        path = run.folder / "prediction.json"
        record = self._record(path, Prediction)
        counts = run.folder / "confusion.npz"
        if not counts.is_file() or self._hash(counts) != record.confusion_sha256:
            raise _Outdated(f"{counts}: not the file that {path.name} beside it tells of")
        pictures = pictures_of(record.samples, run.folder / "samples")
        if missing_pictures := [str(picture) for picture in pictures if not picture.is_file()]:
            raise _Outdated(f"{missing_pictures[0]}: not there")
        if hash_of_hashes(self._hashes["results"].of(pictures).values()) != record.pictures_sha256:
            raise _Outdated(f"{run.folder}/samples: not the pictures that {path.name} beside them tells of")
        if missing := set(protocols) - set(record.inference):
            raise _Outdated(f"{path}: made without {', '.join(sorted(missing))}")
        self._check_predicted(path, record.provenance, run, source)

    def _check_predicted(self, path: Path, made: Provenance, run: Run, source: Path | None) -> None:
        """What decides the output of a network on a dataset."""
        self._compare(path, made, [run.config], PREDICTION, run.dataset)
        if run.route == "retrained":
            self._require(self.training(run))
            weights, teller = self._record(run.folder / "training.json", Training).weights_sha256, "training.json"
        else:
            self._require(self.weights(run, source))
            origin = run.folder / "weights.json"
            if not origin.is_file():
                return
            weights, teller = self._record(origin, Origin).weights_sha256, origin.name
        if made.checkpoint_sha256 != weights:
            raise _Outdated(f"{path}: made with other weights than {teller} beside it tells of")

    def _check_evaluation(self, run: Run) -> None:
        path = run.folder / "evaluation.json"
        record = self._record(path, Evaluation)
        prediction = self._record(run.folder / "prediction.json", Prediction)
        if (record.confusion_sha256, record.provenance) != (prediction.confusion_sha256, prediction.provenance):
            raise _Outdated(f"{path}: scores of another prediction than prediction.json beside it")
        self._check_scoring(path, record.scoring_sha256, run.dataset)

    def _check_sensitivity(self, run: Run, source: Path | None) -> None:
        path = run.folder / "sensitivity.json"
        self._check_predicted(path, self._record(path, Sensitivity).provenance, run, source)

    def _check_cost(self, run: Run, path: Path) -> None:
        schema: type[Profile] | type[Efficiency] = Profile if path.name == "profile.json" else Efficiency
        self._compare(path, self._record(path, schema).provenance, [run.config], COST)

    def _check_comparison(self, dataset: str, name: str, models: tuple[str, ...]) -> None:
        path = Path("results", dataset, "comparisons", f"{name}.json")
        configs = [config_of(dataset, model) for model in models]
        self._compare(path, self._record(path, Comparison).provenance, configs, COST)

    def _check_difference(self, dataset: str, name: str, folders: tuple[str, ...]) -> None:
        path = Path("results", dataset, "comparisons", f"{name}.json")
        record = self._record(path, Difference)
        compared = tuple(self._record(Path(f, "prediction.json"), Prediction).confusion_sha256 for f in folders)
        if record.confusion_sha256 != compared:
            raise _Outdated(f"{path}: about other predictions than those of its runs")
        self._check_scoring(path, record.scoring_sha256, dataset)

    def _check_scoring(self, path: Path, stated: str | None, dataset: str) -> None:
        """Scoring takes seconds, so what does not say how it was scored is scored again."""
        if dataset not in self._scoring:
            self._scoring[dataset] = scoring_sha256(dataset)
        if stated != self._scoring[dataset]:
            raise _Outdated(f"{path}: scored by other protocols, classes, sampling or code")

    def _compare(
        self,
        path: Path,
        made: Provenance | Origin,
        configs: Sequence[Path],
        part: Part,
        dataset: str | None = None,
        *,
        only_stated: bool = False,
    ) -> None:
        """Compares what a result was made from with what is there now."""
        now = dict(zip(("config_files_sha256", "code_sha256"), self._sources_now(tuple(configs), part), strict=True))
        if dataset is not None and (data := self._data_now(dataset)) is not None:
            now["data_sha256"] = data["labelled_sha256"]
        what = {"config_files_sha256": "config", "code_sha256": "code", "data_sha256": "data"}
        for field, value in now.items():
            stated = getattr(made, field)
            if stated is None and not only_stated:
                raise _Outdated(f"{path}: does not say from which {what[field]} it was made")
            if stated not in (None, value):
                raise _Outdated(f"{path}: made from another {what[field]}" if field != "data_sha256" else
                                f"{path}: made from other data than lies in data/{dataset} now")  # fmt: skip

    def _sources_now(self, configs: tuple[Path, ...], part: Part) -> tuple[str, str]:
        if configs not in self._configs:
            if missing := [str(config) for config in configs if not config.is_file()]:
                raise _Outdated(f"{', '.join(missing)}: not there")
            self._configs[configs] = config_files_sha256(configs)
        if (configs, part) not in self._code:
            self._code[configs, part] = code_sha256(configs, part)
        return self._configs[configs], self._code[configs, part]

    def _data_now(self, dataset: str) -> dict[str, Any] | None:
        """What stands for the files of a dataset; None where they are not there, and nothing can be said of them."""
        folder = Path("data", dataset)
        if not folder.is_dir():
            return None
        if dataset not in self._data:
            manifest, labels, checksums = self._facts_now(dataset)
            verified = Path(f"data/verified/{dataset}.json")
            if not verified.is_file():
                raise _Outdated(f"{verified}: not there")
            self._require(self.preparation(dataset))
            splits = split_files.files_of_splits(manifest, folder)
            if problems := [problem for files in splits.values() for problem in files.problems]:
                raise _Outdated(f"{folder}: {problems[0]}")
            paths = sorted(split_files.all_paths(splits.values()))
            known = KnownHashes(split_files.known_hashes_of(verified))
            files = [folder / path for path in paths]
            if len(changed := known.changed(files)) > MANY:
                print(f"{folder}: reading {len(changed)} files whose size or times have changed", file=sys.stderr)
            digests = known.of(files)
            known.keep()
            checked_by = deciding_facts.hashes_of(manifest, labels, checksums)
            by_path = {path: digests[folder / path] for path in paths}
            self._data[dataset] = split_files.summary(manifest, splits, by_path, checked_by)
        return self._data[dataset]

    def _hash(self, file: Path) -> str:
        known = self._hashes["results" if file.parts[0] == "results" else "weights"]
        return known.of([file])[file]

    def _record(self, path: Path, schema: type[Schema]) -> Schema:
        if path not in self._records:
            if not path.is_file():
                raise _Outdated(f"{path}: not there")
            try:
                self._records[path] = evidence_file.read(path, schema)
            except SegReproError:
                raise _Outdated(f"{path}: damaged, or of another form than is expected") from None
        record = self._records[path]
        if not isinstance(record, schema):
            raise _Outdated(f"{path}: of another kind than is expected")
        return record
