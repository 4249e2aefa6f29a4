"""What a page says about the data that its numbers are measured on."""

import html
from pathlib import Path

from data_manifests import loader
from workflow.scripts import report

PROJECT = Path(__file__).resolve().parents[1]


def test_the_page_has_the_owners_numbers_of_images_and_those_in_print(tmp_path):
    report.main(PROJECT / "config/suite.yaml", "pascal_context", tmp_path / "page.html", answers=tmp_path)
    page = html.unescape((tmp_path / "page.html").read_text(encoding="utf-8"))
    manifest = loader.dataset("pascal_context")
    (printed,) = [
        fact.value for fact in loader.papers()["shelfnet_2018"].protocol_facts if fact.id == "shelf.f.ctx-sizes"
    ]
    for name, split in manifest.splits.items():
        assert f"<li>{name}: {split.images} images" in page
        assert split.note in page
    assert all(
        str(number) in manifest.splits[name].note for name, number in zip(("train", "val"), printed, strict=True)
    )
