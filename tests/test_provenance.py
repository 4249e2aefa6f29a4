"""Provenance: everything needed to do it again, nothing that identifies a person or a place."""

import getpass
import hashlib
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pynvml
import pytest
import torch
from mmengine.config import Config

from data_manifests import loader
from data_manifests.schemas.evidence import Evidence, Run
from mmseg_plugins.runtime import provenance
from mmseg_plugins.runtime.provenance import begin_provenance, config_sha256, end_provenance, git_state
from segrepro.hashes import hash_of_file


@pytest.fixture
def collected(tmp_path, monkeypatch):
    """Provenance of a program that started a minute ago, with a manifest and a label set of a few bytes."""
    for folder, content in (("datasets", b"manifest"), ("label_sets", b"labels")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "streets.yaml").write_bytes(content)
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    monkeypatch.setattr(loader, "dataset", lambda name: type("Manifest", (), {"label_set": "streets"}))
    now = datetime.now(UTC)
    monkeypatch.setattr(provenance, "datetime", SimpleNamespace(now=lambda zone: now.astimezone(zone)))
    begun = begin_provenance(Config({}), torch.device("cpu"), dataset="streets")
    return end_provenance(begun.model_copy(update={"started": begun.started - timedelta(minutes=1)}))


def test_evidence_names_no_host_no_user_and_no_place(collected):
    run = Run(model="net", dataset="streets", route="official", seed=0)
    text = Evidence(run=run, provenance=collected).model_dump_json()
    private = {socket.gethostname(), socket.getfqdn(), getpass.getuser(), str(Path.home()), str(Path.cwd()), os.sep}
    for words in private:
        assert not re.search(rf"(?<![a-z]){re.escape(words)}(?![a-z])", text), words


def test_it_tells_versions_hardware_and_time(collected):
    assert collected.packages["torch"] == torch.__version__.partition("+")[0]
    names = " ".join(collected.packages)
    for package in ("torchvision", "mmsegmentation", "mmengine", "mmcv", "numpy", "opencv"):
        assert package in names
    assert collected.hardware.device == "cpu"
    assert collected.gpu_software == {}
    assert collected.hardware.name
    assert 1 <= collected.hardware.cpu_cores <= os.cpu_count()
    assert collected.duration_s == 60
    assert collected.started.tzinfo is not None


def test_dataset_is_identified_by_the_bytes_of_its_manifest_and_its_label_set(collected):
    assert collected.dataset_manifest_sha256 == hashlib.sha256(b"manifestlabels").hexdigest()


def test_a_gpu_is_named_with_its_memory_and_its_software(monkeypatch):
    properties = SimpleNamespace(name="A graphics card", total_memory=80 * 2**30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: properties)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.backends.cudnn, "version", lambda: 91300)
    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlSystemGetDriverVersion", lambda: "580.65")
    found = begin_provenance(Config({}), torch.device("cuda"))
    assert (found.hardware.device, found.hardware.name, found.hardware.memory_gib) == ("cuda", "A graphics card", 80)
    assert found.gpu_software == {"CUDA": "13.0", "cuDNN": "91300", "driver": "580.65"}


def test_what_a_gpu_of_another_maker_does_not_have_is_left_out(monkeypatch):
    def refused():
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch.backends.cudnn, "version", lambda: 3002000)
    monkeypatch.setattr(pynvml, "nvmlInit", refused)
    assert provenance.gpu_software() == {"cuDNN": "3002000"}


def test_what_is_not_read_has_no_hash_and_what_is_read_has_its_own(tmp_path):
    (tmp_path / "weights.pth").write_bytes(b"abc")
    config = Config({"model": {}})
    without = begin_provenance(config, torch.device("cpu"))
    assert (without.dataset_manifest_sha256, without.checkpoint_sha256) == (None, None)
    found = begin_provenance(config, torch.device("cpu"), weights=tmp_path / "weights.pth")
    assert found.checkpoint_sha256 == hashlib.sha256(b"abc").hexdigest()
    assert found.config_sha256 == config_sha256(config)


def test_a_config_that_is_changed_for_the_run_is_identified_as_it_was():
    config = Config({"seed": 0})
    begun = begin_provenance(config, torch.device("cpu"))
    config.seed = 1
    assert end_provenance(begun).config_sha256 == config_sha256(Config({"seed": 0}))


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A git checkout with one commit of two files, one of which says what to ignore."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for variable in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{variable}_NAME", "A")
        monkeypatch.setenv(f"GIT_{variable}_EMAIL", "a@example.org")
    (tmp_path / "code.py").write_text("x = 1\n")
    (tmp_path / ".gitignore").write_text("/results/\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True)
    return tmp_path


def test_a_fresh_checkout_is_clean(checkout):
    commit, dirty = git_state(checkout)
    shown = subprocess.run(["git", "-C", checkout, "log", "--format=%H"], capture_output=True, text=True, check=True)
    assert commit == shown.stdout.strip()
    assert dirty is False


@pytest.mark.parametrize(
    ("file", "dirty"), [("code.py", True), ("new_config.py", True), ("results/evaluation.json", False)]
)
def test_changed_and_new_files_make_it_dirty_but_ignored_ones_do_not(checkout, file, dirty):
    (checkout / file).parent.mkdir(exist_ok=True)
    (checkout / file).write_text("x = 2\n")
    assert git_state(checkout)[1] is dirty


def test_without_a_first_commit_there_is_no_commit(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert git_state(tmp_path) == (None, None)


def test_outside_git_there_is_no_commit(checkout, monkeypatch):
    (checkout / "installed").mkdir()
    assert git_state(checkout / "installed") == (None, None)
    monkeypatch.setenv("PATH", "")
    assert git_state(checkout) == (None, None)


def test_the_code_that_runs_is_the_checkout_that_is_recorded():
    assert (provenance.CHECKOUT / "mmseg_plugins/runtime/provenance.py").samefile(provenance.__file__)


def test_a_config_is_identified_by_what_it_says_and_inherits(tmp_path):
    def digest(base: str, config: str) -> str:
        (tmp_path / "base.py").write_text(base)
        (tmp_path / "config.py").write_text(config)
        return config_sha256(Config.fromfile(tmp_path / "config.py"))

    inherited = "_base_ = 'base.py'\n"
    first = digest("model = dict(q=8)", inherited + "seed = 0")
    assert digest("# the same, said otherwise\nmodel = {'q': 8}", inherited + "seed    = 0") == first
    assert digest("", "seed = 0\nmodel = dict(q=8)") == first
    assert digest("model = dict(q=3)", inherited + "seed = 0") != first
    assert digest("model = dict(q=8)", inherited + "seed = 1") != first


def test_a_file_is_identified_by_its_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert hash_of_file(tmp_path / "file") == hashlib.sha256(b"abc").hexdigest()


def test_it_loads_no_deep_learning_stack_by_itself():
    program = "import sys, mmseg_plugins.runtime.provenance; assert not {'torch', 'mmengine'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
