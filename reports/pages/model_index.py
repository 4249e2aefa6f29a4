"""Measured scores in the forms of others: the `metafile.yml` of MMSegmentation, and the `model-index` of model hubs."""

from collections.abc import Iterator
from typing import Any

import yaml

from .data import NetworkLine
from .site import Site


def metafile(site: Site) -> str:
    """MMSegmentation's form: a collection for each paper, and each scored network of the suite with its results."""
    models = []
    for page, line in _scored(site):
        report = site.suite.reports[page]
        model: dict[str, Any] = {
            "Name": f"{line.network}_{report.dataset}_{line.route}",
            "In Collection": line.paper or "none",
            "Config": f"mmseg_plugins/configs/{report.dataset}/{line.network}.py",
            "Results": [
                {
                    "Task": "Semantic Segmentation",
                    "Dataset": f"{site.datasets[report.dataset].title} ({line.split})",
                    "Metrics": {"mIoU": _number(line)},
                    "Protocol": line.protocol,
                }
            ],
        }
        if line.parameters is not None:
            model["Metadata"] = {"Parameters": line.parameters}
        models.append(model)
    collections = [
        {
            "Name": paper.id,
            "Paper": {"Title": paper.title, "URL": f"https://arxiv.org/abs/{paper.arxiv}" if paper.arxiv else None},
            "Code": {"URL": paper.code},
        }
        for paper in site.papers.values()
    ]
    return _yaml({"Collections": collections, "Models": models})


def model_index(site: Site) -> str:
    """The form that model cards have at their head: one entry a network, with all its results."""
    models: dict[str, list[dict[str, Any]]] = {}
    for page, line in _scored(site):
        dataset = site.datasets[site.suite.reports[page].dataset]
        models.setdefault(line.network, []).append(
            {
                "task": {"type": "image-segmentation", "name": "Semantic segmentation"},
                "dataset": {"type": dataset.id, "name": dataset.title, "split": line.split},
                "metrics": [
                    {
                        "type": "mean_iou",
                        "name": f"mIoU ({line.route}, protocol {line.protocol})",
                        "value": _number(line),
                        "verified": False,
                    }
                ],
                "source": {"name": "SegRepro", "url": f"{page}.html"},
            }
        )
    return _yaml({"model-index": [{"name": name, "results": results} for name, results in models.items()]})


def _scored(site: Site) -> Iterator[tuple[str, NetworkLine]]:
    for name, page in site.built.items():
        for line in page.networks:
            if line.measured is not None and line.route != "untrained":
                yield name, line


def _number(line: NetworkLine) -> float:
    return round(line.measured or 0.0, 4)


def _yaml(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
