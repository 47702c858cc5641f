"""`run`: many requests of a file, checked before the first is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sagemaker_typed.testing import LocalSageMaker
from tests.cli.support import COMPILATION, TRAINING, run


def jobs(path: Path, *documents: Any) -> str:
    path.write_text("\n".join(json.dumps(document) for document in documents), encoding="utf-8")
    return str(path)


def training(name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "training-job", **TRAINING, "TrainingJobName": name, **more}


def test_kinds_mix_and_all_are_waited_for(local: LocalSageMaker, tmp_path: Path) -> None:
    source = jobs(tmp_path / "jobs.jsonl", training("a"), training("b"), {"kind": "compilation-job", **COMPILATION})
    result = run("run", "--from", source, "--max-running", "2", "--quiet", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    succeeded = json.loads(result.stdout)["succeeded"]
    assert {value.get("TrainingJobStatus") or value["CompilationJobStatus"] for value in succeeded.values()} == {
        "Completed",
        "COMPLETED",
    }
    assert len(succeeded) == 3


@pytest.mark.parametrize("form", ["list.json", "jobs.yaml", "-"])
def test_other_forms_of_the_same(local: LocalSageMaker, tmp_path: Path, form: str) -> None:
    documents = [{key: value for key, value in training(name).items() if key != "kind"} for name in ("a", "b")]
    text = yaml.safe_dump_all(documents) if form == "jobs.yaml" else json.dumps(documents)
    source = form
    if form == "-":
        text = "\n\n".join(map(json.dumps, documents)) + "\n"
    else:
        source = str(tmp_path / form)
        Path(source).write_text(text, encoding="utf-8")
    options = ["--kind", "training-job", "--set", "tags.team=vision", "--quiet"]
    result = run("run", "--from", source, *options, stdin=text if form == "-" else None)
    assert (result.exit_code, result.stderr) == (0, "")
    assert sorted(result.stdout.splitlines()) == ["a is done", "b is done"]
    client = local.boto3_client("sagemaker")
    arn = client.describe_training_job(TrainingJobName="b")["TrainingJobArn"]
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "vision"}]


def test_the_worst_outcome_is_the_exit_code(local: LocalSageMaker, tmp_path: Path) -> None:
    local.script("training_job", "bad", [("Failed", "AlgorithmError: no")])
    result = run("run", "--from", jobs(tmp_path / "j.jsonl", training("good"), training("bad")), "--quiet")
    assert (result.exit_code, result.stdout) == (1, "good is done\n")
    assert "AlgorithmError: no" in result.stderr


def test_a_run_goes_on_after_it_was_killed(local: LocalSageMaker, tmp_path: Path) -> None:
    source = jobs(tmp_path / "jobs.jsonl", training("a"), training("b"))
    assert run("run", "--from", source, "--quiet").exit_code == 0
    assert run("run", "--from", source, "--quiet").exit_code == 1
    made = local.calls["CreateTrainingJob"]
    result = run("run", "--from", source, "--exist-ok", "same", "--quiet")
    assert (result.exit_code, sorted(result.stdout.splitlines())) == (0, ["a is done", "b is done"])
    assert local.calls["CreateTrainingJob"] == made
    other = ["--set", "resource_config.instance_count=2"]
    assert run("run", "--from", source, "--exist-ok", "same", *other, "--quiet").exit_code == 1


@pytest.mark.parametrize(
    ("second", "text"),
    [
        ({**training("b"), "Nam": 1}, "jobs.jsonl line 3: CreateTrainingJobRequest has no 'Nam'"),
        (
            {key: value for key, value in training("b").items() if key != "RoleArn"},
            "jobs.jsonl line 3: CreateTrainingJob",
        ),
        (
            {key: value for key, value in training("b").items() if key != "kind"},
            "line 3: it does not say what it creates",
        ),
        (
            {"kind": "experiment", "ExperimentName": "e"},
            "line 3: there is nothing to wait for with experiment; use create",
        ),
        (
            {**training("b"), "kind": "training-jo"},
            "line 3: SageMaker has no resource 'training-jo'; did you mean training-job?",
        ),
        ({"kind": "tag", "ResourceArn": "a"}, "line 3: there is no way to create tag"),
        (5, "jobs.jsonl line 3: expected a mapping of the members of a request"),
        (training("a"), "line 3: a unique name: {source} line 1 already creates the training job 'a'"),
    ],
)
def test_nothing_is_sent_unless_all_are_right(local: LocalSageMaker, tmp_path: Path, second: Any, text: str) -> None:
    source = tmp_path / "jobs.jsonl"
    source.write_text(f"{json.dumps(training('a'))}\n\n{json.dumps(second)}\n", encoding="utf-8")
    result = run("run", "--from", str(source), "--quiet")
    assert result.exit_code == 2
    assert text.format(source=source) in result.stderr
    assert local.calls == {}


def test_a_line_that_is_not_json(local: LocalSageMaker, tmp_path: Path) -> None:
    source = tmp_path / "jobs.jsonl"
    source.write_text(f"{json.dumps(training('a'))}\n{{\n", encoding="utf-8")
    assert "jobs.jsonl line 2 is not JSON" in run("run", "--from", str(source)).stderr
    source.write_text(" \n", encoding="utf-8")
    result = run("run", "--from", str(source))
    assert (result.exit_code, result.stderr) == (2, f"--from: {source} holds nothing\n")
