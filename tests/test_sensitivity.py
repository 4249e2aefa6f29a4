"""Protocol sensitivity: each choice alone, by arithmetic where that will do, and the verdicts on the page."""

from pathlib import Path

import evidence_factory as make
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmseg.structures import SegDataSample
from scoring import label_set, protocol

from data_manifests import loader
from mmseg_plugins.evaluation.counts import Counts
from mmseg_plugins.evaluation.scores import scores
from mmseg_plugins.evaluation.sensitivity import inference_switches, input_switches, miou, scoring_switches
from mmseg_plugins.networks.network import build_network
from reports.judging.context import context_of
from reports.pages.sensitivity import switched
from segrepro.errors import SegReproError
from tests import reference
from workflow.scripts import sensitivity

ROOT = Path(__file__).resolve().parents[1]
CAMVID = ROOT / "mmseg_plugins/configs/camvid/espnet_p2q8.py"


def by_setting(counts: Counts, rules, names, batch: int = 6, validation_batch: int = 10) -> dict[str, float]:
    found = list(scoring_switches(counts, rules, names, batch=batch, validation_batch=validation_batch))
    assert len({s.setting for s in found}) == len(found)
    return {s.setting: s.miou for s in found}


@pytest.fixture(scope="module")
def camvid() -> Counts:
    """Those of the authors' ESPNet on the real test split."""
    with np.load(ROOT / "tests/fixtures/evaluation/camvid_espnet_p2q8_official.npz") as arrays:
        return Counts(arrays["counts"])


def test_the_real_figure_depends_on_each_choice(camvid: Counts) -> None:
    rules, names = loader.protocols()["espnet_authors"], loader.label_set("camvid")
    found = by_setting(camvid, rules, names)
    figure = miou(camvid, rules, names)
    assert figure == pytest.approx(55.64, abs=0.01)
    assert found["not counted"] == pytest.approx(scores(camvid, loader.protocols()["standard"], names)[0])
    # MMSegmentation's IoUMetric over twelve classes.
    assert found["a class like the others"] == pytest.approx(53.15, abs=0.005)
    assert found["counts as 0"] == pytest.approx(figure)  # no class is absent from the whole split
    assert found["of the images' values"] < found["of the values of batches of 6"] < figure
    batches = -(-len(camvid.confusion) // 6)
    too_many = found["of the values of batches of 6, divided by one batch too many"]
    assert too_many == pytest.approx(found["of the values of batches of 6"] * batches / (batches + 1))


def test_espnets_training_code_is_the_authors() -> None:
    arrays = reference.arrays("protocol_espnet")
    counts = np.zeros((6, 20, 20), np.int64)
    pairs = (arrays[f"iou_{kind}"].reshape(6, -1) for kind in ("gt", "pred"))
    for image, (truth, prediction) in enumerate(zip(*pairs, strict=True)):
        labelled = truth != 255
        np.add.at(counts[image], (truth[labelled], prediction[labelled]), 1)
    # The twentieth class is void.
    found = by_setting(Counts(counts), protocol(), label_set(19), validation_batch=2)
    assert found[
        "void a class like the others, batches of 2, absent classes as 0, one batch too many"
    ] == pytest.approx(100 * arrays["iou_miou"], rel=1e-6)


@pytest.mark.parametrize(("images", "printed"), [(6, 46.28), (10, 45.89)])
def test_espnets_training_code_on_the_real_figure(camvid: Counts, images: int, printed: float) -> None:
    found = by_setting(
        camvid, loader.protocols()["espnet_authors"], loader.label_set("camvid"), validation_batch=images
    )
    setting = f"void a class like the others, batches of {images}, absent classes as 0, one batch too many"
    assert found[setting] == pytest.approx(printed, abs=0.005)


def test_what_the_protocol_does_already_is_no_switch() -> None:
    counts = Counts(np.arange(2 * 3 * 2).reshape(2, 3, 2))
    found = by_setting(counts, protocol(average="image", absent="zero"), label_set(2))
    assert {"one matrix of all images", "left out of the mean"} < found.keys()
    # The network has no output for void, so it can be no class.
    assert not {"not counted", "counts as 0", "of the images' values"} & found.keys()
    assert "a class like the others" not in found


def test_another_input_is_another_input() -> None:
    settings = Config.fromfile(CAMVID)
    before = settings.to_dict()
    image = torch.randint(0, 256, (3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))

    def fed(config: Config) -> torch.Tensor:
        batch = {"inputs": [image], "data_samples": [SegDataSample()]}
        return build_network(config).data_preprocessor(batch, False)["inputs"][0]

    found = {choice: fed(config) for choice, _, config in input_switches(settings)}
    mean, std = (torch.tensor(settings.data_preprocessor[k]).view(3, 1, 1) for k in ("mean", "std"))
    torch.testing.assert_close(found["channels"], (image.flip(0) - mean) / std)
    torch.testing.assert_close(found["range"], 255 * fed(settings))
    assert settings.to_dict() == before


def test_range_is_a_choice_only_where_the_authors_divide() -> None:
    settings = Config.fromfile(ROOT / "mmseg_plugins/configs/cityscapes/ldn121.py")
    assert [choice for choice, _, _ in input_switches(settings)] == ["channels"]


def test_scales_differ_in_one_thing_from_the_first() -> None:
    first, *others = (rule for _, rule in inference_switches(loader.protocols()["mmseg_tta"].inference).values())
    assert first == loader.protocols()["mmseg_tta"].inference
    flat = [rule.model_dump() | rule.resize.model_dump() for rule in (first, *others)]
    for other in flat[1:]:
        differing = {field for field, value in other.items() if value != flat[0][field]} - {"resize"}
        assert differing in ({"flip"}, {"interpolation"})


# ---- the program


@pytest.mark.parametrize(
    "claim",
    [
        "none",
        "ldn19.code.multi-scale-flip.miou",
        "espnet.readme.camvid.class-avg",
        "ldn19.code.single-scale.miou",  # of its kind, but of another model
    ],
)
def test_a_claim_of_another_kind_is_refused(claim: str, tmp_path: Path) -> None:
    said = (
        rf"--claim {claim}: found no claim of an mIoU of espnet_p2q8 on camvid .* one of: espnet\.readme\.camvid\.miou$"
    )
    with pytest.raises(SegReproError, match=said):
        sensitivity.main(
            CAMVID, tmp_path / "w.pth", "camvid", "espnet_p2q8", "official", claim, tmp_path / "out.json", device="cpu"
        )


# ---- the page


def test_each_value_is_judged_as_the_figure_would_have_been() -> None:
    record = make.sensitivity(make.run())
    suite, claims = make.suite(), {c.id: c for c in make.claims()}
    context = context_of(make.dataset(), suite, "streets")
    lines = switched(Path("s.json"), record, claims, suite, context)
    assert [line.judgement.outcome for line in lines] == [
        "reproduced", "not reproduced", "not reproduced", "reproduced", "reproduced",
    ]  # fmt: skip
    assert lines[0].switch is None
    # The last two choices are made at several scales: the second of them changes one thing beside the first.
    assert [round(line.difference, 4) for line in lines] == [0, 2.2747, -0.3877, -0.0177, 0.01]
    assert [line.reference for line in lines] == [None, None, None, None, lines[3].switch]


def test_weights_trained_here_are_judged_as_such() -> None:
    record = make.sensitivity(make.run("retrained"))
    suite = make.suite()
    lines = switched(
        Path("s.json"), record, {c.id: c for c in make.claims()}, suite, context_of(make.dataset(), suite, "streets")
    )
    assert [line.judgement.outcome for line in lines] == ["undecided"] * 5


def test_a_record_of_an_unknown_claim_is_refused() -> None:
    record = make.sensitivity(make.run(), claim="net.moiu")
    suite = make.suite()
    with pytest.raises(SegReproError, match=r"s\.json: claim: found 'net\.moiu'; expected the id of a claim"):
        switched(Path("s.json"), record, {}, suite, context_of(make.dataset(), suite, "streets"))


def test_the_page_has_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written = make.build(tmp_path)["streets"]
    _, page = make.page("streets", [*written, make.build_sensitivity(tmp_path)])
    section = page.partition("<h3>Protocol sensitivity</h3>")[2].partition("</section>")[0]
    for text in (
        "void as a class",
        "RGB in place of BGR",
        "57.91 %",
        "\N{MINUS SIGN}0.388",
        "reproduced",
        "not reproduced",
    ):
        assert text in section
    assert "Protocol sensitivity" not in make.page("streets", written)[1]
