"""What comes from outside is data: weights run no code, addresses are https; known vulnerabilities are looked for."""

import inspect
import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import torch

from data_manifests import loader
from data_manifests.schemas.checkpoint import CheckpointCollection
from segrepro.errors import SegReproError
from tests.checkout import PROJECT
from workflow.claimed_protocols import single_scale_claims
from workflow.scripts import convert, export, predict, sensitivity, submit, train

CONFIG = PROJECT / "mmseg_plugins/configs/camvid/espnet_p2q8.py"
RUN = {"dataset": "camvid", "model": "espnet_p2q8", "route": "official"}
READS_WEIGHTS = {"weights", "checkpoint", "load_from"}
"""Names of options that take a file of weights."""


@pytest.fixture
def code(tmp_path):
    """A file of weights that makes a folder when it is read as code, and that folder."""
    made = tmp_path / "made by code"

    class Code:
        def __reduce__(self):
            return os.mkdir, (str(made),)

    torch.save({"state_dict": {"weight": Code()}}, tmp_path / "weights.pth")
    return tmp_path / "weights.pth", made


def without_data(monkeypatch, program, **parts):
    """Weights are read after the data is found and before any of it is: so much of it is made up."""
    for name, value in parts.items():
        monkeypatch.setattr(program, name, value)


def run_predict(weights, out, monkeypatch):
    without_data(monkeypatch, predict, build_test_split=lambda *arguments: ("test", None))
    predict.main(CONFIG, weights, **RUN, out_dir=out)


def run_sensitivity(weights, out, monkeypatch):
    without_data(monkeypatch, sensitivity, build_test_split=lambda *arguments: ("test", None))
    claim = next(iter(single_scale_claims(RUN["model"], RUN["dataset"])))
    sensitivity.main(CONFIG, weights, **RUN, claim=claim, out=out)


def run_submit(weights, out, monkeypatch):
    without_data(
        monkeypatch, submit, scoring_server=lambda *arguments: SimpleNamespace(form="cityscapes"),
        hidden_images=lambda *arguments: {}, FORMS={"cityscapes": lambda labels: None},
        build_hidden_split=lambda *arguments: None,
    )  # fmt: skip
    submit.main(CONFIG, weights, RUN["dataset"], out, "test", out)


def run_convert(weights, out, monkeypatch):
    known = SimpleNamespace(family="espnet"), SimpleNamespace(dataset=RUN["dataset"])
    without_data(monkeypatch, convert, _published=lambda *arguments: known)
    convert.main(RUN["model"], weights, out)


def run_train(weights, out, monkeypatch):
    without_data(monkeypatch, train, _check_data=lambda *arguments: 64 * "0")
    train.main(CONFIG, RUN["dataset"], out, RUN["model"], out / "work", out, out, load_from=weights)


def run_export(weights, out, monkeypatch):
    export.main(CONFIG, weights, RUN["dataset"], out)


PROGRAMS = {
    "convert": run_convert,
    "export": run_export,
    "predict": run_predict,
    "sensitivity": run_sensitivity,
    "submit": run_submit,
    "train": run_train,
}


def test_every_program_that_takes_weights_is_among_those_that_are_tried():
    taking = set()
    for path in (PROJECT / "workflow/scripts").glob("[!_]*.py"):
        module = __import__(f"workflow.scripts.{path.stem}", fromlist=["main"])
        if READS_WEIGHTS & inspect.signature(module.main).parameters.keys():
            taking.add(path.stem)
    assert taking == PROGRAMS.keys()


@pytest.mark.parametrize("program", PROGRAMS)
def test_weights_that_would_run_code_are_refused_by_every_program_that_reads_weights(
    program, code, tmp_path, monkeypatch
):
    weights, made = code
    with pytest.raises(SegReproError, match=r"weights\.pth: found an object of .*would run code"):
        PROGRAMS[program](weights, tmp_path / "out", monkeypatch)
    assert not made.exists()
    torch.load(weights, weights_only=False)
    assert made.exists(), "the file holds no code, so the test shows nothing"


@pytest.mark.parametrize(
    "address", ["http://example.org/w.pth", "file:///etc/passwd", "http://127.0.0.1.example.org/w"]
)
def test_manifest_with_an_address_that_others_can_listen_on_or_of_a_file_here_is_refused(address):
    content = loader.checkpoint_collections()["espnet"].model_dump(mode="json")
    assert loader.validate(content, CheckpointCollection, "espnet.yaml")
    content["files"][0]["urls"] = [address]
    with pytest.raises(SegReproError, match=r"(?s)espnet\.yaml.*\.urls\[0\]: found .*https") as refused:
        loader.validate(content, CheckpointCollection, "espnet.yaml")
    assert address in str(refused.value)


# --- known vulnerabilities -------------------------------------------------------------------------------------------


class Advisories(BaseHTTPRequestHandler):
    """Answers as OSV does: with one advisory, for one package in any version."""

    known = ""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        advisory = {
            "id": "PYSEC-0000-1", "summary": "made up", "details": "made up", "modified": "2026-01-01T00:00:00Z",
            "affected": [{"package": {"name": self.known, "ecosystem": "PyPI"}, "ranges": [], "versions": []}],
        }  # fmt: skip
        found = {"vulns": [advisory]} if asked["package"]["name"] == self.known else {}
        content = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


def audited(source):
    return subprocess.run(
        [PROJECT / ".ci/audit"], env=os.environ | {"SEGREPRO_ADVISORIES": source},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("known", "status"), [("torch", 1), ("", 0)])
def test_a_package_of_the_lock_with_a_known_vulnerability_fails_the_integration(known, status, monkeypatch):
    monkeypatch.setattr(Advisories, "known", known)
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = audited(f"http://127.0.0.1:{server.server_port}/query")
        server.shutdown()
    assert done.returncode == status, done.stdout
    assert ("PYSEC-0000-1" in done.stdout) == bool(known), done.stdout


def test_where_no_advisory_can_be_reached_the_check_is_skipped_by_name():
    done = audited("http://127.0.0.1:9/query")
    assert done.returncode == 0
    assert done.stdout.startswith("SKIPPED: known vulnerabilities of requirements.lock: http://127.0.0.1:9/query")
