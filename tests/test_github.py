"""What stands in .github is as GitHub reads it: the integration calls `.ci/run`, the forms are complete."""

import os
import re

import pytest
import yaml

from tests.checkout import PROJECT

FORMS = sorted(path for path in (PROJECT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
QUESTIONS = {"input", "textarea", "dropdown", "checkboxes"}


def workflow():
    content = yaml.safe_load((PROJECT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    (job,) = content["jobs"].values()
    return content, job


def test_the_integration_calls_the_one_script_and_nothing_else_that_checks():
    content, job = workflow()
    # YAML reads the key `on` as true.
    assert content[True] == {"push": {"branches": ["main"]}, "pull_request": None}
    assert [step["run"] for step in job["steps"] if "run" in step][-1] == ".ci/run"
    assert os.access(PROJECT / ".ci/run", os.X_OK)
    assert job["runs-on"].startswith("ubuntu-")
    assert job["container"].startswith("python:3.11")


def test_the_integration_may_only_read_knows_no_secret_and_pins_its_actions():
    content, job = workflow()
    text = (PROJECT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert content["permissions"] == {"contents": "read"}
    assert "permissions" not in job
    assert "secrets." not in re.sub(r"^#.*$", "", text, flags=re.M)
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})", action) for action in used)


def test_there_is_a_form_for_each_kind_of_issue():
    assert [path.stem for path in FORMS] == ["bug", "differing_number", "new_measurement", "new_paper"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_forms_have_what_github_asks_for(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert all(isinstance(form[key], str) and form[key] for key in ("name", "description", "title"))
    assert all(isinstance(label, str) for label in form["labels"])
    questions = [element for element in form["body"] if element["type"] != "markdown"]
    assert {element["type"] for element in questions} <= QUESTIONS
    ids = [element["id"] for element in questions]
    labels = [element["attributes"]["label"] for element in questions]
    assert len(set(ids)) == len(ids) > 0
    assert len(set(labels)) == len(labels)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", each) for each in ids)
    assert any(element.get("validations", {}).get("required") is True for element in questions)
    for element in form["body"]:
        assert element.keys() <= {"type", "id", "attributes", "validations"}
        if element["type"] == "markdown":
            assert isinstance(element["attributes"]["value"], str)
        if element["type"] == "dropdown":
            options = element["attributes"]["options"]
            # A bare yes or no is a truth value in YAML, which GitHub refuses.
            assert all(isinstance(option, str) for option in options)
            assert len(set(options)) == len(options) > 1
