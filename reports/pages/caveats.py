"""What a reader must know of a run before its scores stand beside others."""

from collections.abc import Sequence

from data_manifests.schemas.evidence import Difference, Evaluation, Run, Sensitivity, ServerAnswer
from data_manifests.schemas.suite import Report
from reports.judging.evidence import Record
from reports.judging.seeds import Spread


def caveats_of(report: Report, scored: Record | ServerAnswer | Spread) -> list[str]:
    """Finds the caveats of the runs whose scores a record holds.

    Args:
        report: its runs have the caveats.
        scored: a record of any kind, or what several seeds have in common.

    Returns:
        One sentence each, none twice; nothing for records without scores, and for those that another's server scored.
    """
    match scored:
        case Evaluation(run=run) | Sensitivity(run=run):
            runs: Sequence[Run | Spread] = (run,)
        case Difference(runs=runs):
            pass
        case Spread():
            runs = (scored,)
        case _:
            runs = ()
    said: dict[tuple[str, str], str | None] = {(run.model, run.route): run.caveat for run in report.runs}
    return list(dict.fromkeys(caveat for run in runs if (caveat := said.get((run.model, run.route)))))
