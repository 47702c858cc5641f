"""`sagemaker-typed local`, and programs in other processes that know nothing but the environment."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sagemaker_typed.testing import LocalSageMaker

pytestmark = pytest.mark.own_local

LONG = 120
"""Seconds in which a process must have started or ended, on the slowest machine."""
COMMAND = [sys.executable, "-m", "sagemaker_typed", "local"]

FOREIGN = """
import boto3, json
sm, runtime, logs = (boto3.client(name) for name in ("sagemaker", "sagemaker-runtime", "logs"))
role = boto3.client("sts").get_caller_identity()["Arn"].replace(":sts:", ":iam:").replace("assumed-role", "role")
boto3.client("s3").create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
sm.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": "i"})
variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
sm.get_waiter("endpoint_in_service").wait(EndpointName="e", WaiterConfig={"Delay": 1})
answer = runtime.invoke_endpoint(EndpointName="e", Body=b"ping")["Body"].read().decode()
groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
print(json.dumps([answer, groups, sm.meta.region_name]))
"""


def bare_environment() -> dict[str, str]:
    """Nothing of AWS, and no proxy that would take the calls elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and not name.lower().endswith("_proxy")
    }


def ask(environment: dict[str, str], tmp_path: Path) -> str:
    home = {"HOME": str(tmp_path), "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    done = subprocess.run(
        [sys.executable, "-c", FOREIGN],
        env={**bare_environment(), **home, **environment},
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


EXPECTED = '["ping", ["/aws/sagemaker/Endpoints/e"], "eu-central-1"]'


def test_the_environment_is_all_that_another_process_needs(tmp_path: Path) -> None:
    with LocalSageMaker(every=0.01, region="eu-central-1") as local:
        assert ask(local.environment(), tmp_path) == EXPECTED
        assert local.calls["InvokeEndpoint"] == 1


def test_the_environment_goes_past_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "example.com")
    with LocalSageMaker(every=0.01, region="eu-central-1") as local:
        environment = local.environment()
        assert environment["no_proxy"].split(",") == ["example.com", "127.0.0.1"]
        assert ask({"HTTP_PROXY": "http://127.0.0.1:9", **environment}, tmp_path) == EXPECTED


@contextmanager
def running(*options: str) -> Generator[tuple[subprocess.Popen[str], list[str]], None, None]:
    """The command, and what it has printed when it is ready."""
    process = subprocess.Popen(
        [*COMMAND, *options], env=bare_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    watchdog = threading.Timer(LONG, process.kill)  # reading has no timeout of its own
    watchdog.start()
    try:
        printed: list[str] = []
        for line in process.stdout:
            printed.append(line.rstrip("\n"))
            if line.startswith("export no_proxy"):
                break
        yield process, printed
    finally:
        watchdog.cancel()
        if process.poll() is None:
            process.kill()
        process.communicate()


def exported(printed: list[str]) -> dict[str, str]:
    words = [shlex.split(line) for line in printed if line.startswith("export ")]
    return dict(assignment.split("=", 1) for _, assignment in words)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_for_others(tmp_path: Path, number: signal.Signals) -> None:
    with running("--port", "0", "--region", "eu-central-1", "--every", "0.01") as (process, printed):
        assert "not a security boundary" in "\n".join(printed)
        assert all(line.startswith(("# ", "export ")) for line in printed)
        environment = exported(printed)
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)", environment["AWS_ENDPOINT_URL"])
        assert found
        assert int(found[1]) != 0
        assert environment["AWS_ENDPOINT_URL"] in printed[0]
        assert ask(environment, tmp_path) == EXPECTED
        process.send_signal(number)
        out, err = process.communicate(timeout=LONG)
        assert (process.returncode, out, err) == (0, "", "")
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", int(found[1]))):
            pass


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "--port", port],
            env=bare_environment(),
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"port {port}: it is in use; choose another with --port, or a free one with --port 0\n"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port", "70000"], "--port"),
        (["--every", "-1"], "--every"),
        (["--account-id", "12"], "twelve digits"),
    ],
)
def test_misuse(options: list[str], says: str) -> None:
    done = subprocess.run(
        [*COMMAND, *options], env=bare_environment(), capture_output=True, text=True, timeout=LONG, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_the_largest_request_is_said() -> None:
    with running("--port", "0", "--max-request-mb", "1") as (_, printed):
        port = int(exported(printed)["AWS_ENDPOINT_URL"].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=LONG) as connection:
            connection.sendall(b"PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1048577\r\n\r\n")
            assert connection.recv(20).startswith(b"HTTP/1.1 413")
