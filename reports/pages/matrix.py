"""Papers by datasets: how the own claims of each paper about each dataset came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.judging.everywhere import outcomes
from reports.judging.outcome import JUDGED, Outcome

from .board import slug
from .leaderboard import short_name
from .site import NO_NAME, Site


@dataclass(frozen=True)
class Bar:
    """Own claims of one paper about one dataset."""

    href: str
    """The page of the paper, with these claims alone."""
    outcomes: Mapping[Outcome, int]

    @property
    def total(self) -> int:
        """Claims."""
        return sum(self.outcomes.values())

    @property
    def judged(self) -> int:
        """Claims that something was set beside."""
        return sum(number for outcome, number in self.outcomes.items() if outcome in JUDGED)

    @property
    def parts(self) -> list[tuple[Outcome, float, float]]:
        """Each outcome, where its part of the bar begins, and how long it is, in percent."""
        parts, start = [], 0.0
        for outcome, number in self.outcomes.items():
            length = 100 * number / self.total
            parts.append((outcome, round(start, 2), round(length, 2)))
            start += length
        return parts


@dataclass(frozen=True)
class Matrix:
    """The table."""

    columns: Sequence[tuple[str, str | None]]
    """Name of a dataset, and its page if it has one."""
    rows: Sequence[tuple[str, str, str, Mapping[str, Bar]]]
    """Id, short name and title of a paper, and its bars by name of a dataset."""


def matrix(site: Site) -> Matrix:
    """Counts the claims; a claim that is said in several places counts once, under the dataset of the first."""
    pages = {site.datasets[report.dataset].title: name for name, report in reversed(site.suite.reports.items())}
    rows = []
    for id, paper in site.papers.items():
        grouped: dict[str, list[str]] = {}
        titles: dict[str, str] = {}
        for claim in site.own(id):
            title = titles.setdefault(claim.repeats or claim.id, site.dataset_titles[claim.id])
            grouped.setdefault(title, []).append(claim.id)
        bars = {
            title: Bar(
                f"{id}.html?claims.outcome=own&claims.dataset={slug(title)}#claims-section",
                outcomes([site.claims[name] for name in names], site.rows),
            )
            for title, names in grouped.items()
        }
        rows.append((id, short_name(paper), paper.title, bars))
    claimed = {
        title: sum(bars[title].total for *_, bars in rows if title in bars) for *_, bars in rows for title in bars
    }
    named = sorted(claimed, key=lambda title: (title == NO_NAME, title not in pages, -claimed[title]))
    return Matrix([(title, pages.get(title)) for title in named], rows)
