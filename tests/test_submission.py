"""Submissions to test servers: as the owner's own evaluation reads them; and the way of the answer onto a page."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import yaml
from cityscapesscripts.evaluation import evalPixelLevelSemanticLabeling as owners  # noqa: N813
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmseg.datasets import PascalVOCDataset
from PIL import Image

from data_manifests import loader
from data_manifests.schemas.evidence import ServerAnswer
from mmseg_plugins.evaluation.predict import predict_label_maps
from mmseg_plugins.evaluation.split import build_hidden_split
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.training.weights import save_weights
from reports.judging.context import context_of
from reports.judging.evidence import Evidence, measurements, server_answers
from reports.judging.rows import join
from segrepro.errors import SegReproError
from tests import evidence_factory as make
from tests.tiny_network import config
from workflow.scripts import check_submission, submit
from workflow.submission.check import problems
from workflow.submission.form import FORMS, encode, voc_palette
from workflow.submission.images import hidden_images, scoring_server

PROJECT = Path(__file__).resolve().parents[1]
LABELS = loader.label_set("cityscapes")
CITYSCAPES = FORMS["cityscapes"](LABELS)
FRAMES = ("berlin_000000_000019", "berlin_000001_000019", "bonn_000000_000019")
SIZE = (32, 24)


def truth(seed):
    """Train ids, all classes and void."""
    rng = np.random.default_rng(seed)
    return rng.permutation(np.resize(np.array([*range(19), 255], np.uint8), SIZE[0] * SIZE[1])).reshape(SIZE[::-1])


def pack(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def right_archive(path):
    return pack(path, {f"{f}_labelIds.png": encode(CITYSCAPES, truth(i) % 19) for i, f in enumerate(FRAMES)})


# ---- what the servers want


def test_the_owners_evaluation_finds_the_files_and_gives_full_marks(tmp_path, monkeypatch):
    """Predictions equal to the truth, wrong only where it is void, as the owner's program scores what it unpacks."""
    label_ids = np.append(CITYSCAPES.values[:19], np.zeros(237, np.uint8))
    pairs = []
    for i, frame in enumerate(FRAMES):
        cv2.imwrite(str(tmp_path / f"{frame}_gtFine_labelIds.png"), label_ids[truth(i)])
        pairs.append(tmp_path / f"{frame}_gtFine_labelIds.png")
    zipfile.ZipFile(right_archive(tmp_path / "submission.zip")).extractall(tmp_path / "unpacked")
    settings = owners.CArgs()
    vars(settings).update(vars(owners.args))
    settings.predictionPath, settings.predictionWalk = str(tmp_path / "unpacked"), None
    settings.evalInstLevelScore, settings.JSONOutput, settings.quiet = False, False, True
    predictions = [owners.getPrediction(settings, str(pair)) for pair in pairs]
    scored = owners.evaluateImgLists(predictions, [str(pair) for pair in pairs], settings)
    assert scored["averageScoreClasses"] == 1
    assert {name for name, iou in scored["classScores"].items() if iou == 1} == {c.name for c in LABELS.classes}


def test_void_is_what_the_owner_calls_unlabeled():
    assert CITYSCAPES.values.tolist()[19:] == [0]


def test_classes_that_the_owner_has_not_are_named():
    with pytest.raises(SegReproError, match=r"label set camvid: classes: found Sky, .*expected classes of Cityscapes"):
        FORMS["cityscapes"](loader.label_set("camvid"))


def test_voc_wants_palette_images_in_the_tree_of_the_development_kit():
    labels = LABELS.model_copy(update={"classes": LABELS.classes[:1] * 21})
    form = FORMS["voc2012"](labels)
    assert form.path("2008_000006") == "results/VOC2012/Segmentation/comp6_test_cls/2008_000006.png"
    ids = np.arange(21, dtype=np.uint8).reshape(3, 7)
    with Image.open(io.BytesIO(encode(form, ids))) as picture:
        assert picture.mode == "P"
        np.testing.assert_array_equal(np.asarray(picture), ids)
        colors = np.asarray(picture.convert("RGB")).reshape(-1, 3).tolist()
    assert colors == PascalVOCDataset.METAINFO["palette"]
    assert voc_palette()[3 * 255 :] == bytes([224, 224, 192]), "the map's last color, that of void"


# ---- what is wrong with an archive


def without_one(files):
    del files["bonn_000000_000019_labelIds.png"]


def one_more(files):
    files["bonn_000009_000019_labelIds.png"] = next(iter(files.values()))


def too_small(files):
    files["bonn_000000_000019_labelIds.png"] = encode(CITYSCAPES, np.zeros((12, 16), np.uint8))


def train_ids(files):
    files["bonn_000000_000019_labelIds.png"] = cv2.imencode(".png", truth(0) % 19)[1].tobytes()


def colored(files):
    files["bonn_000000_000019_labelIds.png"] = cv2.imencode(".png", np.zeros((24, 32, 3), np.uint8))[1].tobytes()


def cut_short(files):
    files["bonn_000000_000019_labelIds.png"] = files["bonn_000000_000019_labelIds.png"][:100]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (without_one, "bonn_000000_000019_labelIds.png: no such file"),
        (one_more, "bonn_000009_000019_labelIds.png: no image of the split asks for it"),
        (too_small, "bonn_000000_000019_labelIds.png: found 16x12 pixels; expected 32x24, those of the image"),
        (train_ids, "bonn_000000_000019_labelIds.png: found the values [1, 2, 3, 4, 5, 6, 9, 10, 14, 15, 16, 18]"),
        (colored, "bonn_000000_000019_labelIds.png: found a picture of Pillow's mode RGB; expected L"),
        (cut_short, "bonn_000000_000019_labelIds.png: found no readable PNG"),
    ],
)
def test_each_file_that_the_server_would_refuse_is_named(tmp_path, damage, message):
    expected = dict.fromkeys(FRAMES, SIZE)
    archive = right_archive(tmp_path / "submission.zip")
    assert problems(archive, expected, CITYSCAPES) == []
    files = {name: zipfile.ZipFile(archive).read(name) for name in zipfile.ZipFile(archive).namelist()}
    damage(files)
    (problem,) = problems(pack(tmp_path / "damaged.zip", files), expected, CITYSCAPES)
    assert problem.startswith(message)


def test_a_wrong_palette_a_second_copy_and_what_is_no_archive_are_named(tmp_path):
    form = FORMS["voc2012"](LABELS)
    picture = Image.new("P", SIZE)
    picture.putpalette(bytes(range(256)) * 3)
    picture.save(tmp_path / "grey.png")
    name = form.path("a")
    pack(tmp_path / "grey.zip", {name: (tmp_path / "grey.png").read_bytes()})
    (problem,) = problems(tmp_path / "grey.zip", {"a": SIZE}, form)
    assert problem == f"{name}: found another palette; expected the color map of PASCAL VOC"
    right = encode(form, np.zeros(SIZE[::-1], np.uint8))
    pack(tmp_path / "twice.zip", {name: right})
    with zipfile.ZipFile(tmp_path / "twice.zip", "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(name, right)
    assert problems(tmp_path / "twice.zip", {"a": SIZE}, form) == [f"{name}: found twice"]
    (tmp_path / "page.zip").write_text("<html>")
    for none in ("page.zip", "none.zip"):
        (problem,) = problems(tmp_path / none, {"a": SIZE}, form)
        assert problem.startswith("no readable zip file")


# ---- the program


@pytest.fixture
def data(tmp_path):
    """Val with one image, as the config's test split is; test with three, without labels."""
    folder = tmp_path / "cityscapes"
    for i, frame in enumerate(FRAMES):
        city = folder / "leftImg8bit/test" / frame.split("_")[0]
        city.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(i).integers(0, 256, (*SIZE[::-1], 3), np.uint8)
        cv2.imwrite(str(city / f"{frame}_leftImg8bit.png"), noise)
    return folder


@pytest.fixture
def manifest(monkeypatch):
    """The real manifest with three test images."""
    real = loader.dataset("cityscapes")
    splits = real.splits | {"test": real.splits["test"].model_copy(update={"images": len(FRAMES)})}
    tiny = real.model_copy(update={"splits": splits, "image_size": SIZE})
    monkeypatch.setattr(loader, "dataset", lambda name: tiny)
    return tiny


@pytest.fixture
def run(data, tmp_path):
    """A config file, and random weights whose predictions vary over the image."""
    settings = config("cityscapes", data, LABELS)
    torch.manual_seed(3)
    network = build_network(settings)
    torch.nn.init.normal_(network.decode_head.conv_seg.weight, std=1)
    settings.dump(str(tmp_path / "config.py"))
    save_weights(network.state_dict(), tmp_path / "weights.pth")
    return network, tmp_path / "config.py", tmp_path / "weights.pth"


def test_the_program_writes_what_the_network_sees_in_the_owners_labels(data, manifest, run, tmp_path, capsys):
    network, config_file, weights = run
    out = tmp_path / "results/submission-test.zip"
    submit.main(config_file, weights, "cityscapes", data, "test", out, device="cpu")
    said = capsys.readouterr().out
    assert "https://www.cityscapes-dataset.com/submit/" in said
    assert "3 predictions, sha256 " in said
    images = build_hidden_split(Config.fromfile(config_file), manifest, LABELS, "test")
    with zipfile.ZipFile(out) as archive:
        assert sorted(archive.namelist()) == [f"{frame}_labelIds.png" for frame in FRAMES]
        for image, label_map in predict_label_maps(network, images, LABELS):
            content = archive.read(image.name.replace("_leftImg8bit", "_labelIds"))
            found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
            np.testing.assert_array_equal(found, CITYSCAPES.values[label_map])
            assert len(np.unique(found)) > 1
    check_submission.main(out, "cityscapes", data, "test")

    again = tmp_path / "again.zip"
    submit.main(config_file, weights, "cityscapes", data, "test", again, device="cpu")
    assert again.read_bytes() == out.read_bytes(), "equal predictions, equal archive"

    mirrored = tmp_path / "mirrored.zip"
    rule = loader.protocols()["mmseg_tta"].inference
    submit.main(config_file, weights, "cityscapes", data, "test", mirrored, protocol="mmseg_tta", device="cpu")
    with zipfile.ZipFile(mirrored) as archive:
        for image, label_map in predict_label_maps(network, images, LABELS, rule=rule):
            content = archive.read(image.name.replace("_leftImg8bit", "_labelIds"))
            found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
            np.testing.assert_array_equal(found, CITYSCAPES.values[label_map])
    assert mirrored.read_bytes() != out.read_bytes()


def test_a_submission_has_the_class_maps_that_its_protocol_enlarges(data, manifest, run, tmp_path):
    network, config_file, weights = run
    settings = Config.fromfile(config_file)
    settings.test_dataloader.dataset.pipeline.insert(1, {"type": "Resize", "scale": (16, 12)})
    halved = tmp_path / "halved.json"
    halved.write_text(json.dumps(settings.to_dict()))
    out = tmp_path / "submission.zip"
    submit.main(halved, weights, "cityscapes", data, "test", out, protocol="espnet_cityscapes", device="cpu")
    images = build_hidden_split(Config.fromfile(halved), manifest, LABELS, "test")
    with zipfile.ZipFile(out) as archive, torch.inference_mode():
        for index, name in enumerate(sorted(archive.namelist())):
            inputs = network.eval().data_preprocessor(pseudo_collate([images[index]]))["inputs"]
            small = network.encode_decode(inputs, [{"img_shape": (12, 16)}]).argmax(dim=1)[0].numpy()
            found = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_UNCHANGED)
            doubled = small.repeat(2, axis=0).repeat(2, axis=1)
            np.testing.assert_array_equal(found, CITYSCAPES.values[doubled])
            assert len(np.unique(found)) > 1


def test_a_network_that_sees_void_is_refused_where_the_server_takes_none(data, manifest, run, tmp_path, monkeypatch):
    _, config_file, weights = run
    no_void = CITYSCAPES.values[:3]
    monkeypatch.setitem(FORMS, "cityscapes", lambda labels: type(CITYSCAPES)(CITYSCAPES.path, no_void, None))
    with pytest.raises(SegReproError, match=r"_leftImg8bit\.png: found pixels that the network sees as void"):
        submit.main(config_file, weights, "cityscapes", data, "test", tmp_path / "out/a.zip", device="cpu")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_archive_that_fails_the_checks_leaves_nothing(data, manifest, run, tmp_path, monkeypatch):
    _, config_file, weights = run
    monkeypatch.setattr(submit, "encode", lambda form, label_map: encode(form, label_map[:8, :8]))
    with pytest.raises(SegReproError, match="found 8x8 pixels; expected 32x24"):
        submit.main(config_file, weights, "cityscapes", data, "test", tmp_path / "out/a.zip", device="cpu")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_first_prediction_of_another_size_than_its_image_ends_the_work(data, manifest, run, tmp_path, monkeypatch):
    """As for a picture that its reader turns upright."""
    _, config_file, weights = run
    monkeypatch.setattr(submit, "hidden_images", lambda *_: {f"{frame}_leftImg8bit": SIZE[::-1] for frame in FRAMES})
    with pytest.raises(
        SegReproError,
        match=r"berlin_000000_000019_leftImg8bit\.png: found a prediction of 32x24 pixels; expected 24x32",
    ):
        submit.main(config_file, weights, "cityscapes", data, "test", tmp_path / "out/a.zip", device="cpu")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_hidden_split_without_images_is_named(data, manifest, run):
    settings = Config.fromfile(run[1])
    for image in data.glob("leftImg8bit/test/*/*"):
        image.unlink()
    with pytest.raises(SegReproError, match=r"split test: found 0 images in \S*leftImg8bit/test with the ending"):
        build_hidden_split(settings, manifest, LABELS, "test")
    shutil.rmtree(data / "leftImg8bit/test")
    with pytest.raises(SegReproError, match=r"split test: found no \S*leftImg8bit/test; expected the split test"):
        build_hidden_split(settings, manifest, LABELS, "test")


def test_only_a_hidden_split_with_all_its_images_is_submitted(data, manifest):
    with pytest.raises(SegReproError, match="found no 'val' that a test_server scores; expected one of: test"):
        scoring_server(manifest, "val")
    with pytest.raises(SegReproError, match="expected one of: none"):
        scoring_server(manifest.model_copy(update={"test_server": None}), "test")
    next(data.glob("leftImg8bit/test/bonn/*")).write_bytes(b"")
    with pytest.raises(SegReproError, match=r"bonn_000000_000019_leftImg8bit\.png: found no readable picture"):
        hidden_images(manifest, data, "test")
    next(data.glob("leftImg8bit/test/bonn/*")).unlink()
    with pytest.raises(SegReproError, match="found 2 images of the split test; expected 3; prepare the dataset"):
        hidden_images(manifest, data, "test")


VOC_IMAGES = {"2008_000006": (48, 32), "2008_000011": (40, 56)}


@pytest.fixture
def voc(tmp_path, monkeypatch):
    """PASCAL VOC, whose test images are of many sizes, are listed in a file and come in an archive of their own."""
    real = loader.dataset("cityscapes")
    layout = {"images": "JPEGImages/*.jpg", "labels": "SegmentationClass/*.png"}
    layout["names"] = "ImageSets/Segmentation/{split}.txt"
    tested = {key: f"test/{pattern}" for key, pattern in layout.items()}
    content = real.model_dump() | {
        "id": "voc2012",
        "image_size": None,
        "sources": [
            {"file": "VOC2012test.tar", "urls": [], "bytes": 1, "sha256": None, "folder": "", "splits": ["test"]}
        ],
        "splits": {
            "val": {"images": 1},
            "train": {"images": 5},
            "test": {"images": 2, "labels": "hidden", "layout": tested},
        },
        "layout": layout,
        "label_set": "voc2012",
        "test_server": {"url": "http://host.robots.ox.ac.uk:8080/", "form": "voc2012"},
    }
    manifest = type(real).model_validate(content)
    names = zip(PascalVOCDataset.METAINFO["classes"], PascalVOCDataset.METAINFO["palette"], strict=True)
    classes = [{"name": name, "color": color} for name, color in names]
    labels = type(LABELS)(id="voc2012", source="s", classes=classes, void={"label": 255, "color": (224, 224, 192)})
    monkeypatch.setattr(loader, "dataset", lambda name: manifest)
    monkeypatch.setattr(loader, "label_set", lambda name: labels)
    return manifest, labels, tmp_path / "voc2012"


def test_voc_test_images_are_asked_for_by_the_name_of_their_archive(voc):
    manifest, _, data = voc
    with pytest.raises(
        SegReproError, match=r"test\.txt: no such file; put VOC2012test\.tar into data/downloads/voc2012"
    ):
        hidden_images(manifest, data, "test")


def test_a_hidden_split_without_its_list_is_named(voc, tmp_path):
    """MMSegmentation's class for VOC only asserts that there is one, without a word."""
    manifest, labels, data = voc
    settings = config("voc2012", data, labels)
    with pytest.raises(
        SegReproError, match=r"split test: found no \S*JPEGImages and no \S*/test\.txt; expected the split"
    ):
        build_hidden_split(settings, manifest, labels, "test")
    for folder in ("ImageSets/Segmentation", "JPEGImages"):
        (data / "test" / folder).mkdir(parents=True)
    with pytest.raises(SegReproError, match=r"split test: found no \S*/test\.txt; expected the split test"):
        build_hidden_split(settings, manifest, labels, "test")
    (data / "test/ImageSets/Segmentation/test.txt").touch()
    with pytest.raises(SegReproError, match=r"split test: found 0 images in \S*/test\.txt; expected the split test"):
        build_hidden_split(settings, manifest, labels, "test")


@pytest.mark.parametrize("base", ["voc2012", "voc2012_ladder_2017"])
def test_the_program_packs_voc_as_its_server_wants_it(base, voc, tmp_path):
    """Also where the config scores on a canvas of 500x500, which the network then does not see."""
    manifest, labels, data = voc
    for folder in ("ImageSets/Segmentation", "JPEGImages"):
        (data / "test" / folder).mkdir(parents=True)
    (data / "test/ImageSets/Segmentation/test.txt").write_text("".join(f"{name}\n" for name in VOC_IMAGES))
    for i, (name, size) in enumerate((VOC_IMAGES | {"2008_000012": (5, 5)}).items()):
        noise = np.random.default_rng(i).integers(0, 256, (*size[::-1], 3), np.uint8)
        Image.fromarray(noise).save(data / f"test/JPEGImages/{name}.jpg")
    settings = config(base, data, labels)
    settings.dump(str(tmp_path / "config.py"))
    save_weights(build_network(settings).state_dict(), tmp_path / "weights.pth")
    out = tmp_path / "submission-test.zip"
    submit.main(tmp_path / "config.py", tmp_path / "weights.pth", "voc2012", data, "test", out, device="cpu")
    with zipfile.ZipFile(out) as archive:
        tree = "results/VOC2012/Segmentation/comp6_test_cls"
        assert sorted(archive.namelist()) == [f"{tree}/{name}.png" for name in VOC_IMAGES]
        for name, size in VOC_IMAGES.items():
            with Image.open(archive.open(f"{tree}/{name}.png")) as picture:
                assert (picture.mode, picture.size) == ("P", size)
    images = build_hidden_split(settings, manifest, labels, "test")
    assert [tuple(item["inputs"].shape[:0:-1]) for item in images] == [*VOC_IMAGES.values()]


# ---- the answer

ANSWER = {
    "model": "net_small",
    "dataset": "streets",
    "weights": "official",
    "split": "test",
    "server": "https://example.org/submission/7",
    "submitted": "2026-05-04",
    "submitted_by": "A. Person",
    "submission_sha256": "0123456789abcdef" * 4,
    "scores": {"miou": 55.65, "class_iou.road": 90.5},
}


def answers(folder, **changes):
    file = folder / "reports/server/streets/net_small.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump(ANSWER | changes))
    return Path("reports/server")


def test_an_answer_is_judged_beside_the_claims_about_its_split(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = make.suite()
    files = server_answers(answers(tmp_path), plan, "streets")
    assert {m.metric: (m.value, m.run.route) for file in files for m in measurements(file)} == {
        "miou": (55.65, "test_server"),
        "class_iou.road": (90.5, "test_server"),
    }
    rows, page = make.page("streets", [], answers=files)
    judged = {row.claim: row for row in rows if row.evidence}
    assert (judged["net.miou"].outcome, judged["net.miou"].route) == ("reproduced", "test_server")
    assert judged["net.miou"].evidence == ("reports/server/streets/net_small.yaml",)
    for said in (
        "answered by the owner",
        "https://example.org/submission/7",
        "A. Person",
        "0123456789abcdef",
    ):
        assert said in page


def test_an_answer_made_by_another_inference_is_not_set_beside_the_claim(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answered = server_answers(answers(tmp_path, protocol="several_scales"), make.suite(), "streets")
    rows, view = make.view("streets", [], answers=answered)
    assert not [row for row in rows if row.evidence]
    assert {numbers.protocol for numbers in view.data.unjudged} == {"several_scales"}


def test_an_answer_of_one_pass_is_not_set_beside_a_claim_of_several():
    """ShelfNet50's 72.4 is six scales and flip; its 71.2 goes by a protocol of its own too."""
    answered = ANSWER | {"model": "shelfnet50", "dataset": "cityscapes", "scores": {"miou": 72.4}}
    suite, cityscapes = loader.suite(PROJECT / "config/suite.yaml"), loader.dataset("cityscapes")
    context = context_of(cityscapes, suite, "cityscapes")
    several, one = "shelf.t2.multi-path-network50.miou", "shelf.t2.multi-path-network50-ss.miou"

    def judged(**changes):
        answer = ServerAnswer.model_validate(answered | changes)
        numbers = measurements(Evidence(Path("answer.yaml"), answer, committed=False))
        rows = join(loader.claims(), numbers, suite, context).rows
        return {row.claim: row.outcome for row in rows if row.claim and row.evidence}

    # What the file was trained on is not stated, so it stands beside the figures of both trainings and refutes neither.
    of_code = "shelf.readme.shelfnet50-reimpl.miou"
    coarse, coarse_one = (f"shelf.t2.multi-path-network50-plus-coarse{end}.miou" for end in ("", "-ss"))
    assert judged() == {of_code: "not comparable"}
    assert judged(protocol="shelfnet_cityscapes") == {several: "consistent", coarse: "undecided"}
    single = judged(protocol="shelfnet_cityscapes_single_scale")
    assert single == {one: "undecided", coarse_one: "undecided"}
    # The README's figure goes by enlarged maps of classes; the tracker, which repeats it, says nothing.
    assert judged(model="espnet_p2q8") == {"espnet.tracker.cs-test.miou": "not reproduced"}
    assert judged(model="espnet_p2q8", protocol="espnet_cityscapes") == {"espnet.readme.cs-test.miou": "not reproduced"}


@pytest.mark.parametrize(("weights", "verdict"), [("official", "not reproduced"), ("retrained", "undecided")])
def test_an_answer_is_judged_by_where_its_weights_came_from(weights, verdict):
    suite = loader.suite(PROJECT / "config/suite.yaml")
    answer = ANSWER | {
        "model": "espnet_p2q8",
        "dataset": "cityscapes",
        "weights": weights,
        "protocol": "espnet_cityscapes",
        "scores": {"miou": 60.7},
    }
    record = ServerAnswer.model_validate(answer)
    numbers = measurements(Evidence(Path("answer.yaml"), record, committed=False))
    context = context_of(loader.dataset("cityscapes"), suite, "cityscapes")
    found = {row.claim: row.outcome for row in join(loader.claims(), numbers, suite, context).rows}
    assert found["espnet.readme.cs-test.miou"] == verdict


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "drawn"}, "dataset: found drawn; expected streets, as the folder is named"),
        (
            {"model": "net_smal"},
            "model: found net_smal; expected a model that a report on streets has: net_small. Correct",
        ),
        ({"weights": "test_server"}, "weights: found 'test_server'; expected: 'official', 'retrained' or 'untrained'"),
        ({"scores": {"miou": 0.0, "class_iou.road": 105}}, "scores.class_iou.road: found 105"),
        ({"submission_sha256": "none"}, "submission_sha256: found 'none'"),
    ],
)
def test_a_wrong_answer_is_told_in_terms_of_its_file(tmp_path, monkeypatch, changes, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SegReproError) as error:
        server_answers(answers(tmp_path, **changes), make.suite(), "streets")
    assert "reports/server/streets/net_small.yaml: " in str(error.value)
    assert message in str(error.value)


def test_the_answer_in_the_instructions_comes_onto_the_real_page(tmp_path):
    text = (PROJECT / "reports/server/README.md").read_text()
    (tmp_path / "server/cityscapes").mkdir(parents=True)
    (tmp_path / "server/cityscapes/entered.yaml").write_text(text.split("```yaml\n")[1].split("```")[0])
    for name in ("config", "reports"):
        (tmp_path / name).symlink_to(PROJECT / name)
    command = [sys.executable, PROJECT / "workflow/scripts/report.py", "--suite", "config/suite.yaml"]
    command += ["--report", "cityscapes", "--answers", "server", "--out", "out/cityscapes.html"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "out/cityscapes.json").read_text())["rows"]
    judged = {row["claim"]: row["outcome"] for row in rows if row["route"] == "test_server"}
    assert judged["espnet.readme.cs-test.miou"] == "not reproduced"
    assert judged["espnet.readme.cs-test.category-miou"] == "not reproduced"
