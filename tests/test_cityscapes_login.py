"""Cityscapes with an account: fetched from the owner's site, and the account is told to nobody else."""

import hashlib
import json
import os
import random
import time
import zipfile

import psutil
import pytest
import yaml
from cityscapesscripts.download import downloader

from data_manifests import loader
from data_manifests.schemas.base import RemoteFile
from segrepro.errors import SegReproError
from tests.checkout import Checkout
from tests.cityscapes_site import cityscapes_site, environment_for, lead_to
from tests.test_cityscapes import FRAMES, HIDDEN, downloads, manifest  # noqa: F401  its tiny archives
from workflow.data.fetch import download
from workflow.data.fetch.fetch import fetch
from workflow.data.fetch.placement import require_placed

# Put together, because the copy of the project that is searched for them holds this file too.
NAME, PASSWORD = f"reader-{7431}@example.org", f"pass%20w&rd=Ü'\"{7431}"
FILE = "gtFine_trainvaltest.zip"
CONTENT = random.Random(0).randbytes(300_000)
CITYSCAPES = loader.dataset("cityscapes")


@pytest.fixture(autouse=True)
def no_account_and_no_patience(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "_BACKOFF_S", 0)
    monkeypatch.setattr(downloader.appdirs, "user_data_dir", lambda *_: str(tmp_path / "stored"))
    for name in ("CITYSCAPES_USERNAME", "CITYSCAPES_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def site(monkeypatch):
    with cityscapes_site(NAME, PASSWORD, {"leftImg8bit_trainvaltest.zip": b"images", FILE: CONTENT}) as site:
        lead_to(site, monkeypatch)
        yield site


@pytest.fixture
def account(monkeypatch):
    def use(name=NAME, password=PASSWORD):
        monkeypatch.setenv("CITYSCAPES_USERNAME", name)
        monkeypatch.setenv("CITYSCAPES_PASSWORD", password)

    return use


def bring(tmp_path, file=FILE):
    remote = RemoteFile(file=file, urls=(), bytes=len(CONTENT), sha256=None)
    fetch(remote, "cityscapes", tmp_path / "downloads" / file, None, CITYSCAPES.login)
    return tmp_path / "downloads" / file


def refusal(tmp_path, **about):
    with pytest.raises(SegReproError) as error:
        bring(tmp_path, **about)
    assert not list(tmp_path.glob("downloads/*.zip"))
    said = str(error.value)
    assert NAME not in said
    assert PASSWORD not in said
    assert f"put it at {tmp_path}/downloads" in said
    return said


def test_the_account_in_the_environment_logs_in_and_brings_the_file(tmp_path, site, account):
    account()
    assert bring(tmp_path).read_bytes() == CONTENT
    assert site.asked == [
        "GET /login",
        "POST /login",
        "GET /downloads/?list",
        "GET /md5-sum/?packageID=2",
        "GET /file-handling/?packageID=2",
    ]
    assert not (tmp_path / "stored").exists(), "the account is not written down"


def test_a_broken_download_is_gone_on_with(tmp_path, site, account):
    account()
    site.breaks_after = 200_000
    assert bring(tmp_path).read_bytes() == CONTENT
    assert site.asked[-1] == "GET /file-handling/?packageID=2 bytes=200000-"


def test_the_account_that_the_owners_program_has_stored_does_too(tmp_path, site, account):
    (tmp_path / "stored").mkdir()
    (tmp_path / "stored/credentials.json").write_text(json.dumps({"username": NAME, "password": PASSWORD}))
    assert bring(tmp_path).read_bytes() == CONTENT
    (tmp_path / "stored/credentials.json").write_text(json.dumps({"username": "other", "password": "other"}))
    (tmp_path / "downloads" / FILE).unlink()
    account()
    assert bring(tmp_path).read_bytes() == CONTENT, "the environment comes first"


def test_a_wrong_password_is_said_in_one_line(tmp_path, site, account):
    account(password=PASSWORD + "x")
    said = refusal(tmp_path)
    assert "refused the account (Bad credentials.); correct CITYSCAPES_USERNAME and CITYSCAPES_PASSWORD" in said
    assert site.asked == ["GET /login", "POST /login"]


def test_a_file_that_the_account_may_not_have_is_said(tmp_path, site, account):
    account()
    said = refusal(tmp_path, file="leftImg8bit_trainextra.zip")
    assert "the account may not download leftImg8bit_trainextra.zip" in said
    assert f"offers it leftImg8bit_trainvaltest.zip, {FILE}" in said


def test_a_file_with_another_md5_than_the_sites_is_refused(tmp_path, site, account):
    account()
    site.md5[FILE] = "0" * 32
    assert f"expected {'0' * 32}" in refusal(tmp_path)


def test_a_file_that_the_owner_packed_anew_waits_until_the_manifest_names_it(tmp_path, site, account):
    account()
    old = RemoteFile(file=FILE, urls=(), bytes=len(CONTENT), sha256="0" * 64)
    destination = tmp_path / "downloads" / FILE
    with pytest.raises(SegReproError) as error:
        fetch(old, "cityscapes", destination, None, CITYSCAPES.login)
    assert "it has the md5 that the owner's site gives; it waits as" in str(error.value)
    assert "Or its owner has packed it anew" in str(error.value)
    assert not destination.exists()
    before = site.asked.count("GET /file-handling/?packageID=2")
    known = old.model_copy(update={"other_packings": (hashlib.sha256(CONTENT).hexdigest(),)})
    fetch(known, "cityscapes", destination, None, CITYSCAPES.login)
    assert destination.read_bytes() == CONTENT
    assert site.asked.count("GET /file-handling/?packageID=2") == before, "it is not downloaded again"


@pytest.mark.parametrize("page", ["/downloads/", "/md5-sum/", "/file-handling/"])
def test_a_session_that_ended_gives_no_file(tmp_path, site, account, page):
    account()
    site.logs_out_before = page
    assert "file-handling/?packageID={id}: " in refusal(tmp_path)


def test_a_site_that_does_not_answer_is_said(tmp_path, site, account):
    account()
    site.url = "http://127.0.0.1:1"
    assert "/login" in refusal(tmp_path)


def test_half_an_account_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("CITYSCAPES_USERNAME", NAME)
    with pytest.raises(SegReproError, match="CITYSCAPES_PASSWORD: found nothing; expected it beside the other"):
        require_placed(CITYSCAPES, tmp_path, None)


def test_with_an_account_nothing_has_to_be_placed(tmp_path, account):
    with pytest.raises(SegReproError) as error:
        require_placed(CITYSCAPES, tmp_path, None)
    for said in ("CITYSCAPES_USERNAME", "CITYSCAPES_PASSWORD", "register", str(tmp_path / FILE), "stages=structure"):
        assert said in str(error.value)
    account()
    require_placed(CITYSCAPES, tmp_path, None)


# ---- the whole way

RECIPE = """\
_base_ = ["./espnetc_p2q3.py"]
train_cfg = dict(max_iters=2)
param_scheduler = [dict(type="PolyLR", eta_min=0, power=0.9, begin=0, end=2, by_epoch=False)]
train_dataloader = dict(
    batch_size=2, num_workers=0, persistent_workers=False,
    dataset=dict(dataset=dict(pipeline=[
        dict(type="LoadImageFromFile"), dict(type="LoadAnnotations"), dict(type="VoidAsClass", void=255, label=19),
        dict(type="PackSegInputs"),
    ])),
)
test_dataloader = dict(dataset=dict(pipeline=[
    dict(type="LoadImageFromFile"), dict(type="LoadAnnotations"), dict(type="PackSegInputs"),
]))
"""


def processes(pid):
    try:
        return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@pytest.mark.slow
def test_from_an_account_to_a_page_and_a_submission(tmp_path, downloads, manifest):  # noqa: F811
    checkout = Checkout(tmp_path / "segrepro")
    facts = checkout.folder / "data_manifests/datasets/cityscapes.yaml"
    sources = yaml.safe_load(facts.read_text())["sources"]
    for source, real in zip(sources, manifest.sources, strict=True):
        source |= {"bytes": real.bytes, "sha256": real.sha256}
    splits = {name: {"images": len(frames)} for name, frames in (FRAMES | HIDDEN).items()}
    splits["test"]["labels"] = "hidden"
    checkout.edit("data_manifests/datasets/cityscapes.yaml", sources=sources, splits=splits, image_size=[64, 32])
    (checkout.folder / "mmseg_plugins/configs/cityscapes/espnet_tiny.py").write_text(RECIPE)
    tiny = [{"model": "espnet_tiny", "route": "retrained"}]
    checkout.edit("config/reports/cityscapes.yaml", runs=tiny, comparisons=[])
    checkout.edit("config/suite.yaml", stages=["accuracy"])
    submission = "results/cityscapes/espnet_tiny/retrained/seed0/submission-test.zip"

    packages = {p.name: p.read_bytes() for p in sorted(downloads.iterdir())}
    with cityscapes_site(NAME, PASSWORD, packages) as site:
        account = {"CITYSCAPES_USERNAME": NAME, "CITYSCAPES_PASSWORD": PASSWORD}
        variables = environment_for(site, tmp_path / "loopback")
        variables["PYTHONPATH"] += os.pathsep + str(checkout.folder)
        started = checkout.start_snakemake("reports/cityscapes.html", submission, **variables, **account)
        told = ""
        while started.poll() is None:
            for process in processes(started.pid):
                try:
                    told += " ".join(process.cmdline())
                except psutil.Error:
                    continue
            time.sleep(0.05)
    assert started.returncode == 0, checkout.log.read_text()
    assert "fetch.py" in told
    assert site.asked.count("POST /login") == 2

    rows = json.loads((checkout.folder / "reports/cityscapes.json").read_text())["rows"]
    assert "miou" in {row["metric"] for row in rows if row["measured"] is not None}
    with zipfile.ZipFile(checkout.folder / submission) as archive:
        assert archive.namelist() == ["berlin_000000_000019_labelIds.png"]

    wrote = (
        told.encode()
        + checkout.log.read_bytes()
        + b"".join(p.read_bytes() for p in checkout.folder.rglob("*") if p.is_file())
    )
    for secret in (NAME, PASSWORD):
        assert secret.encode() not in wrote
