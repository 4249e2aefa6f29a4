"""Lengths of trainings: epochs are counted in the manifest's images, and every recipe has its number of updates."""

from functools import cache
from math import ceil
from pathlib import Path

import pytest
from mmengine.config import Config

from data_manifests import loader
from mmseg_plugins.training.epochs import batches_per_epoch
from segrepro.errors import SegReproError

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
ALL = sorted(str(path.relative_to(CONFIGS).with_suffix("")) for path in CONFIGS.glob("[!_]*/*.py"))
UPDATES = {
    **{f"camvid/{name}": updates for name, updates in (("espnetc_p2q8", 9300), ("espnet_p2q8", 18600))},
    **{f"cityscapes/espnetc_p2q{q}": 324300 for q in (3, 5, 8)},
    **{f"cityscapes/espnet_p2q{q}": 588000 for q in (3, 5, 8)},
    **{f"cityscapes/{name}": 80000 for name in ("encnet_r101", "encnet_r50", "icnet_r50", "pspnet_r101", "pspnet_r50")},
    **{f"cityscapes/shelfnet{depth}_lw": 80000 for depth in (18, 34)},
    **{f"cityscapes/{name}": 59280 for name in ("shelfnet101", "shelfnet50", "shelfnet50_coarse")},
    "cityscapes_coarse/shelfnet50": 99960,
    **{f"coco_voc/shelfnet{depth}": 231270 for depth in (50, 101)},
    **{f"pascal_context/shelfnet{depth}": 33280 for depth in (50, 101)},
    **{f"voc2012/shelfnet{depth}{start}": 12100 for depth in (50, 101) for start in ("", "_without_coco")},
    **{f"voc2012/shelfnet{depth}{start}_aug": 47300 for depth in (50, 101) for start in ("", "_without_coco")},
    **{
        f"cityscapes/{name}_2017": 22290
        for name in ("densenet121_32x", "densenet121_dilated8x", "ladder_densenet121", "ladder_densenet169")
    },
    **{f"cityscapes/ladder_densenet121_2017_{variant}": 22290 for variant in ("scratch", "single_loss")},
    **{f"cityscapes/ladder_densenet169_2017_{variant}": 22290 for variant in ("split34", "spp")},
    **{f"cityscapes/ladder_densenet{depth}_2017_full_resolution": 44610 for depth in (121, 169)},
    "cityscapes/ladder_densenet169_2017_full_resolution_frozen_bn": 44610,
    **{
        f"cityscapes/{name}": 20000
        for name in (
            "ladder_resnet50_2017",
            "ladder_resnet50_2017_scratch",
            "resnet50_32x_2017",
            "resnet50_dilated8x_2017",
        )
    },
    **{f"cityscapes/ldn{name}": 79501 for name in ("121", "121_without_checkpointing", "161", "169", "201")},
    **{f"voc2012/ladder_{name}": 20000 for name in ("densenet169_2017", "densenet169_2017_aug", "resnet50_2017")},
    **{f"voc2012/{net}_r{depth}": 40000 for net in ("encnet", "pspnet") for depth in (50, 101)},
    **{f"{data}/fcn2s_dilated_vgg{depth}": 100000 for data in ("nyu_depth_v2", "pascal_context") for depth in (16, 19)},
    **{
        f"voc2012/{network}{stage}": updates
        for network in ("fcn2s_dilated_vgg16", "fcn2s_dilated_vgg19", "fcn8s_vgg16")
        for stage, updates in (("_voc_train", 100000), ("", 200000))
    },
    **{f"synthcity/espnet_p2q{q}": 1000 for q in (3, 8)},
    **{f"synthcity/{network}": 150 for network in ("ladder_densenet121_2017", "ldn121")},
    "synthcity/shelfnet18_lw": 200,
    "synthcity/fcn2s_dilated_vgg16": 40,
}


def test_every_recipe_is_known() -> None:
    assert sorted(UPDATES) == ALL


@cache
def recipe(name: str) -> Config:
    return Config.fromfile(CONFIGS / f"{name}.py")


@pytest.mark.parametrize("name", ALL)
def test_recipe_has_its_number_of_updates(name: str) -> None:
    assert recipe(name).train_cfg.max_iters == UPDATES[name]


@pytest.mark.parametrize("name", ALL)
def test_passes_have_the_loop_that_resumes_within_them(name: str) -> None:
    config = recipe(name)
    assert (config.train_cfg.type == "PassTrainLoop") == ("batch_sampler" in config.train_dataloader)


def trained_split(config: Config) -> str:
    """The manifest's split whose images a recipe trains on, as its list file or its folder is called."""
    images = config.train_dataloader.dataset.dataset
    return Path(images.ann_file).stem if images.get("ann_file") else Path(images.data_prefix.img_path).name


@pytest.mark.parametrize("name", ALL)
def test_an_epoch_is_made_of_passes_over_the_images_that_the_recipe_trains_on(name: str) -> None:
    config = recipe(name)
    if "epoch" not in config:
        return
    images = loader.dataset(Path(name).parent.name).splits[trained_split(config)].images
    if images is None:
        assert name.startswith("coco_voc/")
        return
    described = config.train_dataloader
    if "batch_sampler" in described:
        sizes = [described.batch_size + more for more in described.batch_sampler.more_images]
        assert config.epoch == sum(ceil(images / size) for size in sizes)
    else:
        assert config.epoch == images // described.batch_size


@pytest.mark.parametrize(
    ("batch_size", "drop_last", "batches"), [(6, False, 496), (6, True, 495), (7, False, 425), (7, True, 425)]
)
def test_a_last_batch_counts_where_it_is_kept(batch_size: int, drop_last: bool, batches: int) -> None:
    assert batches_per_epoch("cityscapes", "train", batch_size, drop_last=drop_last) == batches


@pytest.mark.parametrize(
    ("dataset", "split", "found"), [("cityscapes", "trian", "train, val, test"), ("coco_voc", "train", "null")]
)
def test_images_that_no_manifest_counts_are_named(dataset: str, split: str, found: str) -> None:
    with pytest.raises(SegReproError, match=rf"^data_manifests/datasets/{dataset}.yaml: splits.*: found {found};"):
        batches_per_epoch(dataset, split, 12, drop_last=True)
