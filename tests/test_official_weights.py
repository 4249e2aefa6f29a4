"""Where the authors' weights of a model lie, and which only a person can bring."""

from pathlib import Path

import pytest

from data_manifests import loader
from segrepro.errors import SegReproError
from workflow.official_weights import checkpoint_file, missing_weights

COLLECTIONS = loader.checkpoint_collections().values()


def test_what_is_fetched_has_its_place_before_it_is_there():
    found = checkpoint_file(COLLECTIONS, "espnet_p2q8", "camvid", None)
    assert found.parent == Path("weights/espnet") and not found.exists()


def test_what_a_person_places_is_found_in_the_weights_or_the_mirror_or_said_to_be_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mirror = tmp_path / "mirror"
    assert "ldn121" in missing_weights(COLLECTIONS, "cityscapes", mirror)
    assert "espnet_p2q8" not in missing_weights(COLLECTIONS, "cityscapes", mirror)
    with pytest.raises(
        SegReproError, match=r"ldn121 on cityscapes: .* must be placed by hand and are missing:\n  weights"
    ):
        checkpoint_file(COLLECTIONS, "ldn121", "cityscapes", mirror)
    (mirror / "ldn").mkdir(parents=True)
    (mirror / "ldn/ldn121.pth").touch()
    assert checkpoint_file(COLLECTIONS, "ldn121", "cityscapes", mirror) == mirror / "ldn/ldn121.pth"
    assert "ldn121" not in missing_weights(COLLECTIONS, "cityscapes", mirror)
    assert "ldn121" in missing_weights(COLLECTIONS, "cityscapes", None)


def test_no_published_weights_are_refused_with_what_to_do():
    with pytest.raises(
        SegReproError, match="no published weights of espnet_p2q3 for camvid; take the route `retrained`"
    ):
        checkpoint_file(COLLECTIONS, "espnet_p2q3", "camvid", None)
