"""`invoke`: what is sent and what is printed, byte by byte."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.testing import InvocationAnswer, LocalSageMaker
from tests.cli.support import ROLE, program, run
from tests.support.terminal import Terminal


@pytest.fixture
def asked(local: LocalSageMaker) -> list[Any]:
    """An endpoint that answers with what it was sent, and all that it was sent."""
    found: list[Any] = []
    client = local.boto3_client("sagemaker")
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    client.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    client.create_endpoint(EndpointName="e", EndpointConfigName="c")
    client.get_waiter("endpoint_in_service").wait(EndpointName="e", WaiterConfig={"Delay": 1})

    def echo(invocation: Any) -> Any:
        found.append(invocation)
        return InvocationAnswer(invocation.body, content_type=invocation.content_type or "text/plain")

    local.answer("endpoint", "e", echo)
    return found


BYTES = bytes(range(256))


def test_bytes_go_through_a_pipe_as_they_are(asked: list[Any], tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(BYTES)
    done = program("invoke", "e", "--body", f"@{tmp_path / 'cat.jpg'}", "--content-type", "image/jpeg")
    assert (done.returncode, done.stdout, done.stderr) == (0, BYTES, b"")
    assert (asked[0].body, asked[0].content_type) == (BYTES, "image/jpeg")
    done = program("invoke", "e", "--body", "-", "--content-type", "image/png", input=BYTES)
    assert (done.returncode, done.stdout) == (0, BYTES)


def test_a_text_and_its_type(asked: list[Any]) -> None:
    assert program("invoke", "e", "--body", '{"a": [1]}').stdout == b'{"a": [1]}'
    assert program("invoke", "e", "--body", "1,2,3", "--content-type", "text/csv").stdout == b"1,2,3"
    assert [(each.body, each.content_type) for each in asked] == [
        (b'{"a": [1]}', "application/json"),
        (b"1,2,3", "text/csv"),
    ]


def test_query_and_json(asked: list[Any]) -> None:
    result = run("invoke", "e", "--body", '{"predictions": [{"score": 0.9}]}', "--query", "Body.predictions[0].score")
    assert (result.exit_code, result.stdout) == (0, "0.9\n")
    document = json.loads(run("invoke", "e", "--body", "hello", "--content-type", "text/plain", "--json").stdout)
    assert document == {"Body": "hello", "ContentType": "text/plain", "InvokedProductionVariant": "v"}


def test_what_else_the_call_takes(asked: list[Any]) -> None:
    result = run(
        "invoke",
        "e",
        "--body",
        "x",
        "--with",
        "target-variant=v",
        "--with",
        "custom-attributes=a",
        "--accept",
        "text/csv",
    )
    assert result.exit_code == 0
    assert asked[0].accept == "text/csv"
    for extra, text in (("body=x", "has an option of its own"), ("colour=x", "unexpected keyword argument 'colour'")):
        result = run("invoke", "e", "--body", "x", "--with", extra)
        assert result.exit_code == 2
        assert text in result.stderr
    assert len(asked) == 1


def test_a_stream(local: LocalSageMaker, asked: list[Any]) -> None:
    def parts(_: Any) -> Iterator[str]:
        yield "Hello"
        yield " w\u00f6rld"

    local.answer("endpoint", "e", parts)
    done = program("invoke", "e", "--body", "{}", "--stream")
    assert (done.returncode, done.stdout.decode()) == (0, "Hello w\u00f6rld")
    assert run("invoke", "e", "--body", "{}", "--stream", "--json").exit_code == 2


def test_what_goes_wrong_has_its_code(local: LocalSageMaker, tmp_path: Path) -> None:
    assert run("invoke", "none", "--body", "{}").exit_code == 5
    result = run("invoke", "e", "--body", f"@{tmp_path / 'none'}")
    assert result.exit_code == 2
    assert "--body: " in result.stderr
    assert "No such file" in result.stderr


def test_on_a_terminal_controls_are_escaped(asked: list[Any]) -> None:
    command = [
        sys.executable,
        "-m",
        "sagemaker_typed",
        "invoke",
        "e",
        "--body",
        "a\x1b[2Jb",
        "--content-type",
        "text/plain",
    ]
    with Terminal(command) as terminal:
        assert terminal.finish() == 0
        assert r"a\x1b[2Jb" in terminal.text
        assert b"\x1b[2J" not in terminal.written


def test_a_closed_pipe(asked: list[Any], tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x\n" * 500_000)
    command = f"{sys.executable} -m sagemaker_typed invoke e --body @large --content-type text/plain"
    script = f"{command} | head -c 0; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False, timeout=120, cwd=tmp_path)
    assert done.stdout.split() == [b"141"]
    assert done.stderr == b""
