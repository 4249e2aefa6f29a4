"""The embedded dataset: street scenes drawn by code."""

import hashlib
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from cityscapesscripts.helpers.csHelpers import getCsFileInfo
from cityscapesscripts.helpers.labels import id2label, trainId2label
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from data_manifests import loader
from data_manifests.schemas.dataset import Dataset, Split
from segrepro.errors import SegReproError
from workflow.data.check.verify import verify
from workflow.data.synthcity import draw
from workflow.data.synthcity.camera import Camera
from workflow.data.synthcity.canvas import Canvas
from workflow.data.synthcity.dice import Dice
from workflow.data.synthcity.noise import Noise
from workflow.data.synthcity.placement import AWAY, RIGHTWARD, TOWARD, Heading
from workflow.data.synthcity.png import encode
from workflow.data.synthcity.shapes import box, slab
from workflow.data.synthcity.street import some_street
from workflow.data.synthcity.weather import some_weather

LABELS = loader.label_set("cityscapes")
MANIFEST = loader.dataset("synthcity")
KINDS = ("gtFine_color", "gtFine_instanceIds", "gtFine_labelIds", "gtFine_labelTrainIds")
# Of the files of `small`; changes whenever a pixel or a name of them does.
SMALL_SHA256 = "90cb95f037ee5c772e8538ce080584144b4e92757ef09e3b3217bc833df2b03f"


def manifest(train: int, val: int, seed: int = 0) -> Dataset:
    splits = {"train": Split(images=train), "val": Split(images=val)}
    generator = MANIFEST.generator.model_copy(update={"seed": seed})
    return MANIFEST.model_copy(update={"splits": splits, "generator": generator})


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*.png"))}


def pixels(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three train and two val samples, drawn by two processes."""
    out = tmp_path_factory.mktemp("small")
    draw(manifest(train=3, val=2), LABELS, out, workers=2)
    return out


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset as the manifest has it."""
    out = tmp_path_factory.mktemp("whole")
    draw(MANIFEST, LABELS, out)
    return out


# Label set


def test_label_set_is_the_owners() -> None:
    assert [c.name for c in LABELS.classes] == [trainId2label[index].name for index in range(19)]
    for index, cls in enumerate(LABELS.classes):
        owners = trainId2label[index]
        assert (cls.color, cls.category, cls.instances) == (owners.color, owners.category, owners.hasInstances), (
            cls.name
        )
    assert (LABELS.void.label, LABELS.void.color) == (id2label[0].trainId, id2label[0].color)
    assert not [label for label in id2label.values() if label.trainId not in (*range(19), 255, -1)]


def test_eight_classes_have_instances() -> None:
    expected = ["person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle"]
    assert [c.name for c in LABELS.classes if c.instances] == expected


# Same files everywhere


def test_files_are_pinned(small: Path) -> None:
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents(small).items()]
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == SMALL_SHA256


def test_files_depend_neither_on_processor_nor_on_processes_nor_on_how_many_are_drawn(
    small: Path, tmp_path: Path
) -> None:
    vector_instructions = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    plain_processor = {"NPY_DISABLE_CPU_FEATURES": " ".join(vector_instructions), "OPENCV_CPU_DISABLE": "AVX,AVX2"}
    program = (
        "import sys; from pathlib import Path; from tests.test_synthcity import LABELS, draw, manifest\n"
        "draw(manifest(train=2, val=1), LABELS, Path(sys.argv[1]), workers=1)\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        env=os.environ | plain_processor | {"PYTHONPATH": str(Path(__file__).parents[1])},
        check=True,
    )
    again, before = contents(tmp_path), contents(small)
    assert len(again) == 3 * 5
    assert again == {name: before[name] for name in again}


def test_another_seed_gives_other_pictures(small: Path, tmp_path: Path) -> None:
    draw(manifest(train=1, val=1, seed=1), LABELS, tmp_path, workers=2)
    before = contents(small)
    assert all(content != before[name] for name, content in contents(tmp_path).items())


def test_pictures_of_a_dataset_differ(small: Path) -> None:
    images = [content for name, content in contents(small).items() if name.startswith("leftImg8bit")]
    assert len(set(images)) == 5


# Layout


def test_every_image_has_its_four_label_files_under_the_owners_names(small: Path) -> None:
    images = sorted(small.glob("leftImg8bit/*/*/*"))
    names = {p.relative_to(small).as_posix() for p in images}
    assert "leftImg8bit/train/westhafen/westhafen_000001_000019_leftImg8bit.png" in names
    expected = {
        re.sub("leftImg8bit", "gtFine", name.replace("_leftImg8bit.png", f"_{kind}.png"), count=1)
        for name in names
        for kind in KINDS
    }
    assert {p.relative_to(small).as_posix() for p in small.rglob("*.png")} == names | expected
    assert [len(list(small.glob(f"leftImg8bit/{split}/*/*"))) for split in ("train", "val")] == [3, 2]
    for path in images:
        info = getCsFileInfo(str(path))
        assert (info.city, info.type, info.ext) == (path.parent.name, "leftImg8bit", "png")
        assert len(info.sequenceNb) == len(info.frameNb) == 6


def test_cities_of_train_and_val_are_disjoint() -> None:
    cities = MANIFEST.generator.cities
    assert len(cities["train"]) >= 2
    assert not set(cities["train"]) & set(cities["val"])


def test_drawn_dataset_is_what_its_manifest_says(small: Path) -> None:
    found = verify(manifest(train=3, val=2), LABELS, small, checksums=None, threads=2)
    assert found["splits"] == {"train": {"images": 3, "labels": 3}, "val": {"images": 2, "labels": 2}}


def test_label_files_of_a_sample_agree(small: Path) -> None:
    for path in small.glob("gtFine/*/*/*_labelIds.png"):
        color, instances, ids, train_ids = (
            pixels(path.with_name(path.name.replace("gtFine_labelIds", kind))) for kind in KINDS
        )
        assert (ids.dtype, train_ids.dtype, instances.dtype) == (np.uint8, np.uint8, np.uint16)
        assert set(np.unique(ids)) <= set(range(1, 34)), "every pixel is labelled"
        for label in np.unique(ids):
            owners = id2label[label]
            here = ids == label
            assert set(train_ids[here]) == {owners.trainId}
            assert set(map(tuple, color[here][:, ::-1])) == {owners.color}
            if not owners.hasInstances:
                assert set(instances[here]) == {label}
        np.testing.assert_array_equal(np.where(instances < 1000, instances, instances // 1000), ids)
        assert (instances >= 1000).any()


# Content


@pytest.mark.slow
def test_every_class_is_in_a_third_of_the_images_of_each_split(whole: Path) -> None:
    for split, expected in MANIFEST.splits.items():
        maps = [pixels(p) for p in whole.glob(MANIFEST.layout.labels.format(split=split))]
        assert len(maps) == expected.images
        # 100 pixels of 131072: large enough to be seen.
        present = np.mean([np.bincount(m.ravel(), minlength=256) > 100 for m in maps], axis=0)
        rare = {c.name: present[i] for i, c in enumerate(LABELS.classes) if present[i] < 1 / 3}
        assert not rare, split
        assert present[LABELS.void.label] == 1


@pytest.mark.slow
def test_instances_of_every_class_span_two_orders_of_magnitude(whole: Path) -> None:
    sizes: dict[int, list[int]] = {}
    for path in whole.glob("gtFine/*/*/*_instanceIds.png"):
        for identity, size in zip(*np.unique(pixels(path), return_counts=True), strict=True):
            sizes.setdefault(int(identity) // 1000, []).append(int(size))
    for cls in LABELS.classes:
        if cls.instances:
            of_class = sorted(sizes[next(i for i, label in id2label.items() if label.name == cls.name)])
            assert len(of_class) >= 50, cls.name
            assert of_class[-1] > 100 * of_class[len(of_class) // 10], cls.name


@pytest.mark.slow
def test_some_regions_of_instance_classes_are_groups(whole: Path) -> None:
    bicycle = next(i for i, label in id2label.items() if label.name == "bicycle")
    assert any((pixels(path) == bicycle).any() for path in whole.glob("gtFine/*/*/*_instanceIds.png"))


@given(st.integers(-3000, 3000), st.integers(400, 8000))
@settings(deadline=None, derandomize=True)
def test_ground_that_a_pixel_sees_is_where_a_point_of_the_ground_appears(x: int, z: int) -> None:
    camera = Camera(focal=700, column=512, row=220, height=180)
    column, row = camera.project(np.array([x, 0, z], np.int32)).tolist()
    seen_x, seen_z = (int(a.ravel()[0]) for a in camera.on_ground(np.array([row]), np.array([column])))
    above_z = int(camera.on_ground(np.array([row + 1]), np.array([column]))[1][0, 0])
    assert above_z <= z <= seen_z
    assert abs(seen_x - x * seen_z // z) <= seen_z // camera.focal + 2


@given(st.integers(0, 10**6))
@settings(deadline=None, derandomize=True)
def test_strips_lie_side_by_side_and_are_listed_from_the_outside_inwards(seed: int) -> None:
    street = some_street(Dice([seed]))
    assert [s.inner for s in street.strips] == sorted((s.inner for s in street.strips), reverse=True)
    own_lane = street.strips[-1]
    assert (own_lane.kind, own_lane.center) == ("lane", 0)
    for side in (-1, 1):
        inwards = [s for s in street.strips if s.side == side and s is not own_lane]
        assert [s.inner for s in inwards] == [*(s.outer for s in inwards[1:]), own_lane.outer]
        assert street.edge(side) == side * inwards[0].outer


def canvas() -> Canvas:
    dice = Dice([0])
    return Canvas(1024, 512, Camera(focal=700, column=512, row=220, height=180), some_weather(dice), Noise(dice))


def test_things_of_instance_classes_are_numbered() -> None:
    painted = canvas()
    names = ("car", "pole", "car", "bus", "car", "pole")
    assert [painted.new_id(name) for name in names] == [26000, 17, 26001, 28000, 26002, 17]


@pytest.mark.parametrize(
    ("x", "heading", "seen"),
    [
        (400, AWAY, {"rear", "top", "left"}),
        (-400, AWAY, {"rear", "top", "right"}),
        (400, TOWARD, {"front", "top", "right"}),
        (0, RIGHTWARD, {"right", "top"}),
    ],
)
def test_only_the_faces_turned_to_the_camera_are_seen(x: int, heading: Heading, seen: set[str]) -> None:
    faces = slab((200, 200, 200), 80, box((-150, 150), (0, 100)))
    names = ("bottom", "front", "top", "rear", "right", "left")
    found = set()
    for name, face in zip(names, faces, strict=True):
        painted = canvas()
        painted.paint_model(((face,),), 1, x, 1000, heading)
        if painted.instance_ids.any():
            found.add(name)
    assert found == seen


# PNG

IMAGES = st.one_of(
    npst.arrays(dtype, st.tuples(st.integers(1, 40), st.integers(1, 40), *channels))
    for dtype, channels in ((np.uint8, ()), (np.uint16, ()), (np.uint8, (st.just(3),)))
)


@given(IMAGES)
@example(np.arange(15 * 4368, dtype=np.uint32).reshape(15, 4368).astype(np.uint8))  # with filter bytes: one full block
@example(np.arange(256 * 255, dtype=np.uint32).reshape(256, 255).astype(np.uint8))  # one byte more
@settings(deadline=None, derandomize=True, max_examples=60)
def test_png_is_read_back_by_opencv_and_pillow(tmp_path_factory: pytest.TempPathFactory, image: np.ndarray) -> None:
    content = encode(image)
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded.dtype == image.dtype
    np.testing.assert_array_equal(decoded[..., ::-1] if image.ndim == 3 else decoded, image)
    path = tmp_path_factory.getbasetemp() / "image.png"
    path.write_bytes(content)
    with Image.open(path) as opened:
        np.testing.assert_array_equal(np.asarray(opened), image)


def test_png_holds_the_pixels_uncompressed() -> None:
    image = np.full((200, 500), 7, np.uint8)
    content = encode(image)
    assert len(content) > image.size
    stream = content[content.index(b"IDAT") + 4 : content.rindex(b"IEND") - 8]
    assert zlib.decompress(stream) == b"".join(b"\0" + row.tobytes() for row in image)


# Errors


def test_manifest_without_generator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SegReproError, match="camvid: generator: found nothing; expected the seed and the cities"):
        draw(loader.dataset("camvid"), LABELS, tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generator": None}, "the field generator belongs to the preparation synthcity, and to no other"),
        ({"generator": {"seed": 0, "cities": {"train": ["a"]}}}, r"no cities for the splits \['val'\]"),
        ({"generator": {"seed": 0, "cities": {"train": [], "val": ["b"]}}}, "generator.cities.train"),
        ({"generator": {"seed": -1, "cities": {"train": ["a"], "val": ["b"]}}}, "generator.seed"),
    ],
)
def test_schema_refuses_a_generator_that_cannot_draw(changes: dict[str, object], message: str) -> None:
    with pytest.raises(SegReproError, match=message):
        loader.validate(MANIFEST.model_dump() | changes, Dataset, "synthcity.yaml")


def test_label_set_with_other_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SegReproError, match=r"label set camvid: classes: found \['Bicyclist'.*expected names of city"):
        draw(MANIFEST, loader.label_set("camvid"), tmp_path)
