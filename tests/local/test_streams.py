"""The real command, in a process of its own: what its streams, its signals and a hostile service make of it."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.support import request
from tests.support.loopback import Loopback, Reply

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, /dev/full and terminals of POSIX")

COMMAND = [sys.executable, "-m", "sagemaker_typed"]
# What moves a terminal, forges a line of a table, looks like markup, and does not fit narrow encodings.
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\nforged\tCompleted \u202egnp [bold]b[/nothing] :warning: caf\u00e9 \u65e5"
RUNNING = {"TrainingJobName": "job", "TrainingJobStatus": "InProgress"}


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHONIOENCODING"))}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "*",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        **more,
    }


def run(*arguments: str, more: Mapping[str, str] | None = None, **streams: Any) -> subprocess.CompletedProcess[bytes]:
    given: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run([*COMMAND, *arguments], check=False, timeout=60, env=environment(**(more or {})), **given)


def in_shell(text: str) -> subprocess.CompletedProcess[bytes]:
    script = text.replace("COMMAND", " ".join(COMMAND))
    return subprocess.run(["bash", "-c", script], capture_output=True, check=False, timeout=60, env=environment())


def one_line(stderr: bytes) -> str:
    text = stderr.decode()
    assert text.count("\n") == 1, text
    assert "Traceback" not in text
    return text.rstrip("\n")


@contextmanager
def service(answers: Mapping[str, Any]) -> Iterator[str]:
    """The URL of a service that answers each operation with a document, or with an error where it is a text."""

    def answer(headers: Mapping[str, str], body: bytes) -> Reply:
        del body
        document = answers[headers["x-amz-target"].partition(".")[2]]
        if isinstance(document, str):
            error = {"__type": "ValidationException", "message": document}
            return Reply(json.dumps(error).encode(), 400)
        return Reply(json.dumps(document).encode())

    loopback = Loopback(answer)
    try:
        yield loopback.url
    finally:
        loopback.close()


@pytest.fixture
def refused() -> Iterator[str]:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


# --- streams ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", ["--help", "--version", "wait --help", "changes bundled bundled --format json"])
def test_a_reader_that_has_gone(arguments: str) -> None:
    done = in_shell(f"COMMAND {arguments} | head -c 0; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_reader_of_one_line() -> None:
    with LocalSageMaker() as local:
        for number in range(40):
            local.boto3_client("sagemaker").create_compilation_job(**request(f"job-{number:02d}"))
        where = f"--region {local.region} --endpoint-url {local.url}"
        for form in ("", "--json"):
            done = in_shell(f"set -o pipefail; COMMAND list compilation-job {form} {where} | head -1")
            assert done.stdout.count(b"\n") == 1
            # A small answer may have been written before the reader went.
            assert done.returncode in (0, 141)
            assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", ["--help", "--version", "changes bundled bundled"])
def test_a_full_disk(arguments: str) -> None:
    done = in_shell(f"COMMAND {arguments} > /dev/full")
    assert done.returncode == 8
    assert one_line(done.stderr) == "the output could not be written: No space left on device"
    quiet = in_shell(f"COMMAND {arguments} > /dev/full 2> /dev/full")
    assert (quiet.returncode, quiet.stderr) == (8, b"")


def test_streams_that_are_closed() -> None:
    done = in_shell("COMMAND --version >&-")
    assert done.returncode == 8
    assert one_line(done.stderr) == "the output could not be written: Bad file descriptor"
    assert in_shell("COMMAND --version >&- 2>&-").returncode == 8
    fine = in_shell("COMMAND --version 2>&-")
    assert (fine.returncode, fine.stdout.count(b"\n")) == (0, 1)
    assert in_shell("COMMAND nonsense 2>&-").returncode == 2
    assert in_shell("COMMAND nonsense <&- >&- 2>&-").returncode == 2


def test_standard_error_that_is_full_or_closed_ends_no_wait() -> None:
    with LocalSageMaker(every=0.05) as local:
        local.script("compilation_job", "job", ["STARTING", "INPROGRESS", "COMPLETED"])
        local.boto3_client("sagemaker").create_compilation_job(**request("job"))
        wait = f"COMMAND wait compilation-job job --poll 0.1s --region {local.region} --endpoint-url {local.url}"
        for where in ("2>&-", "2>/dev/full", "2> >(exit)"):
            done = in_shell(f"{wait} {where}")
            assert (done.returncode, done.stdout) == (0, b"job is completed\n")


# --- encodings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=["ascii", "cp1252", "C"],
)
def test_narrow_encodings(encoding: dict[str, str]) -> None:
    failed = {**RUNNING, "TrainingJobStatus": "Failed", "FailureReason": HOSTILE}
    answers = {"DescribeTrainingJob": failed, "ListTrainingJobs": {"TrainingJobSummaries": [failed]}}
    with service(answers) as url:
        for arguments in (["describe", "training-job", "job"], ["list", "training-job"]):
            done = run(*arguments, "--endpoint-url", url, more=encoding)
            assert (done.returncode, done.stderr) == (0, b"")
            as_json = run(*arguments, "--json", "--endpoint-url", url, more=encoding)
            assert HOSTILE in texts(json.loads(as_json.stdout))
        done = run("wait", "training-job", "job", "--endpoint-url", url, more=encoding)
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr


def texts(document: Any) -> list[str]:
    """The texts of a document, as they are."""
    if isinstance(document, dict):
        document = list(document.values())
    return [text for item in document for text in texts(item)] if isinstance(document, list) else [str(document)]


# --- a terminal -------------------------------------------------------------------------------------------------------


def on_a_terminal(*arguments: str) -> tuple[int, bytes]:
    """The exit code, and every byte that a terminal got from both streams."""
    master, slave = pty.openpty()
    settings = environment(TERM="xterm-256color", COLUMNS="200", LINES="50")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        settings.pop(name, None)
    process = subprocess.Popen([*COMMAND, *arguments], stdin=slave, stdout=slave, stderr=slave, env=settings)
    os.close(slave)
    seen = b""
    while select.select([master], [], [], 60)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux: nobody holds the other end any more
            break
        if not piece:
            break
        seen += piece
    os.close(master)
    return process.wait(60), seen


def hostile_answers(status: str) -> dict[str, Any]:
    job = {
        "TrainingJobName": f"job {HOSTILE}",
        "TrainingJobStatus": status,
        "SecondaryStatus": HOSTILE,
        "FailureReason": HOSTILE,
        "Tags": [HOSTILE],
        HOSTILE: HOSTILE,
    }
    return {"DescribeTrainingJob": job, "ListTrainingJobs": {"TrainingJobSummaries": [job, job]}}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["describe", "training-job", "job"], 0),
        (["describe", "training-job", "job", "--json"], 0),
        (["describe", "training-job", "job", "--query", "FailureReason"], 0),
        (["list", "training-job"], 0),
        (["list", "training-job", "--json"], 0),
        (["wait", "training-job", "job", "--json"], 1),
        (["wait", "training-job", "job", "other"], 1),
        (["wait", "training-job", "job"], 1),
    ],
)
def test_a_terminal_full_of_escapes(arguments: list[str], code: int) -> None:
    with service(hostile_answers("Failed")) as url:
        found, seen = on_a_terminal(*arguments, "--endpoint-url", url)
    assert found == code
    assert_harmless(seen)


def test_an_error_full_of_escapes() -> None:
    with service({"DescribeTrainingJob": HOSTILE, "ListTrainingJobs": HOSTILE}) as url:
        for arguments in (["describe", "training-job", "job"], ["list", "training-job"], ["wait", "training-job", "j"]):
            found, seen = on_a_terminal(*arguments, "--endpoint-url", url)
            assert found == 2
            assert_harmless(seen)
            assert b"[bold]b[/nothing]" in seen


def test_a_status_full_of_escapes_while_it_is_awaited() -> None:
    with service(hostile_answers(f"In{HOSTILE}Progress")) as url:
        found, seen = on_a_terminal(
            "wait", "training-job", "job", "--timeout", "0.3s", "--poll", "0.1s", "--endpoint-url", url
        )
        assert found == 4
        assert_harmless(seen)
        assert b"\x1b[?25h" in seen  # the live display was there, and gave the cursor back


def assert_harmless(seen: bytes) -> None:
    """Only the display's own sequences reach the terminal, and no line begins with what the service made up."""
    text = seen.decode()
    for piece in ("\x1b]", "\x07", "\x1b[2J", "\x9b", "\u202e", "owned\x07"):
        assert piece not in text, text
    for line in text.replace("\r\n", "\n").split("\n"):
        assert not line.startswith("forged"), text
        assert "\t" not in line
    assert "\u26a0" not in text  # :warning: is no emoji


def test_markup_in_a_name_of_the_demo() -> None:
    """botocore refuses the bucket's name, and repeats it."""
    role = "arn:aws:iam::123456789012:role/r"
    done = run("demo", "--live", "--role-arn", role, "--bucket", "[bold]x[/nothing]\x1b[2J")
    assert done.returncode not in (0, -1)
    lines = done.stderr.decode().splitlines()
    assert "[bold]x[/nothing]" in lines[-1]
    assert "\x1b" not in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_secrets_are_for_those_who_ask_for_the_document() -> None:
    secret = "value-of-an-environment-variable"
    job = {**RUNNING, "Environment": {"KEY": secret}, "FreshUrl": secret}
    with service({"DescribeTrainingJob": job}) as url:
        table = run("describe", "training-job", "job", "--endpoint-url", url).stdout.decode()
        assert secret not in table
        assert "Environment.KEY" in table
        asked = run("describe", "training-job", "job", "--json", "--endpoint-url", url).stdout
        assert json.loads(asked)["Environment"] == {"KEY": secret}


# --- exit codes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "endpoint"],
        ["describe", "endpoint", "e"],
        ["wait", "endpoint", "e", "--timeout", "0s", "--quiet"],
        ["wait", "endpoint", "e", "f", "--timeout", "0s", "--quiet"],
    ],
)
def test_a_service_that_was_never_reached(arguments: list[str], refused: str) -> None:
    done = run(*arguments, "--endpoint-url", refused.replace("//", "//user:secret-word@"))
    assert (done.returncode, done.stdout) == (7, b"")
    assert b"Could not connect" in done.stderr
    assert b"secret-word" not in done.stderr
    assert b"Traceback" not in done.stderr
    lines = done.stderr.decode().splitlines()
    if "f" in arguments:  # after a warning, that no look is answered
        assert [line.partition(":")[0] for line in lines[-2:]] == ["e", "f"]
    else:
        assert len(lines) == 1


def test_one_that_is_still_running() -> None:
    with service({"DescribeTrainingJob": RUNNING}) as url:
        for names in (["job"], ["job", "other"]):
            # A wait that has time for one look takes a busy machine's slow answer for none.
            waits = ["--timeout", "2s", "--poll", "0.5s", "--quiet"]
            done = run("wait", "training-job", *names, *waits, "--endpoint-url", url)
            assert done.returncode == 4


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals(number: signal.Signals, code: int) -> None:
    with service({"DescribeTrainingJob": RUNNING}) as url:
        process = subprocess.Popen(
            [*COMMAND, "wait", "training-job", "job", "--poll", "0.1s", "--endpoint-url", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        assert process.stderr is not None
        first = process.stderr.readline()
        assert b"InProgress" in first  # it is waiting
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, b"")
    assert one_line(err) == "training job 'job' continues; sm.training_jobs.stop('job') stops it"


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGTERM, 143, "terminated"), (signal.SIGINT, 130, "interrupted")]
)
def test_signals_where_nothing_is_awaited(number: signal.Signals, code: int, word: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [*COMMAND, "list", "training-job", "--endpoint-url", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        connection, _ = silent.accept()
        assert connection.recv(1)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        connection.close()
    assert (process.returncode, out, one_line(err)) == (code, b"", word)
