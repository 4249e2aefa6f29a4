"""What a reader must know about a run before comparing its scores with others."""

from collections.abc import Sequence

from data_manifests.schemas.evidence import Difference, Evaluation, Run, Sensitivity, ServerAnswer
from data_manifests.schemas.suite import Report
from reports.judging.evidence import Record
from reports.judging.seeds import Spread


def caveats_of(report: Report, scored: Record | ServerAnswer | Spread) -> list[str]:
    """Finds the caveats of the runs whose scores a record holds.

    Args:
        report: its runs have the caveats.
        scored: a record of any kind, or the summary of several seeds.

    Returns:
        One sentence for each caveat, none twice; empty for records without scores and for scores of a test server.
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
    return list(dict.fromkeys(caveat for run in runs if (caveat := report.caveats.get((run.model, run.route)))))
