"""What `progress=True` shows: a live display in a terminal, plain lines elsewhere, nothing unless asked."""

from __future__ import annotations

import builtins
import io
import subprocess
import sys
import textwrap
from contextlib import redirect_stderr
from typing import Any

import pytest

from sagemaker_typed._waiting import display as _display
from sagemaker_typed.errors import WaitFailedError
from sagemaker_typed.waiting import duration
from tests.support.simulated import JumpyTime, Service, api, steady


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def wait(service: Service, **options: Any) -> None:
    service.group.wait_until_completed("job", **options)


def test_plain_lines_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    service = Service(
        JumpyTime(),
        {"job": steady("STARTING", "INPROGRESS", "COMPLETED", every=100)},
        fault=lambda turn, request: api("ThrottlingException") if turn == 2 else None,
    )
    wait(service, progress=True, timeout=3600)
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.partition(" (")[0] for line in err.splitlines()] == [
        "compilation job 'job': STARTING",
        "compilation job 'job': poll failed: An error occurred",
        "compilation job 'job': INPROGRESS",
        "compilation job 'job': COMPLETED",
    ]


def test_plain_lines_of_many(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = {f"job-{number}": steady("STARTING", "COMPLETED", every=100.0 * (number + 1)) for number in range(3)}
    Service(JumpyTime(), jobs).group.wait_all(jobs, progress=True, timeout=3600)
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.partition(" (")[0] for line in err.splitlines()] == [
        "0 of 3 done: 3 STARTING",
        "1 of 3 done: 2 STARTING, 1 COMPLETED",
        "2 of 3 done: 2 COMPLETED, 1 STARTING",
        "3 of 3 done: 3 COMPLETED",
    ]
    assert "slowest job-0)" in err


def test_a_deletion_and_a_wait_without_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    service = Service(JumpyTime(), {"job": steady("STOPPING", None, every=10)})
    service.group.wait_until_deleted("job", progress=True, timeout=float("inf"))
    assert capsys.readouterr().err.splitlines() == [
        "compilation job 'job': STOPPING (0s, no end left)",
        "compilation job 'job': gone (14s)",
    ]


def test_nothing_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    wait(Service(JumpyTime(), {"job": steady("STARTING", "COMPLETED")}))
    assert capsys.readouterr() == ("", "")


def test_without_rich(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_rich(name: str, *arguments: Any) -> Any:
        if name.partition(".")[0] == "rich":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", no_rich)
    with redirect_stderr(Terminal()) as screen:
        wait(Service(JumpyTime(), {"job": steady("STARTING", "COMPLETED")}), progress=True)
    lines = screen.getvalue().splitlines()
    assert [line.partition(" (")[0] for line in lines] == [
        "compilation job 'job': STARTING",
        "compilation job 'job': COMPLETED",
    ]
    assert "\x1b" not in "".join(lines)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    screen = Terminal()
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    return screen


def test_a_live_display_in_a_terminal(terminal: Terminal) -> None:
    with redirect_stderr(terminal):
        wait(Service(JumpyTime(), {"job": steady("STARTING", "INPROGRESS", "COMPLETED")}), progress=True)
    text = terminal.getvalue()
    assert "\x1b[?25l" in text  # the cursor is hidden meanwhile,
    assert "\x1b[?25h" in text  # and shown again
    assert "✓ compilation job 'job': COMPLETED" in text


def test_a_live_display_of_many_with_a_bar(terminal: Terminal) -> None:
    jobs = {f"job-{number}": steady("STARTING", "COMPLETED") for number in range(12)}
    with redirect_stderr(terminal):
        Service(JumpyTime(), jobs).group.wait_all(jobs, progress=True)
    assert "✓ 12 of 12 done: 12 COMPLETED" in terminal.getvalue()
    assert "━" in terminal.getvalue()


def test_a_live_display_of_nothing_and_of_a_failure(terminal: Terminal) -> None:
    service = Service(JumpyTime(), {"job": steady("FAILED")})
    with redirect_stderr(terminal):
        service.group.wait_all([], progress=True)
    assert "✓ 0 of 0 done (0s)" in terminal.getvalue()
    with redirect_stderr(terminal), pytest.raises(WaitFailedError):
        wait(service, progress=True)
    assert "✗ compilation job 'job': FAILED" in terminal.getvalue()


def test_the_cursor_comes_back_after_an_interrupt(terminal: Terminal) -> None:
    with redirect_stderr(terminal), pytest.raises(KeyboardInterrupt):
        wait(Service(JumpyTime(interrupts=[1]), {"job": steady("STARTING", "COMPLETED")}), progress=True)
    assert terminal.getvalue().rpartition("\x1b[?25l")[2].count("\x1b[?25h") == 1


def test_what_a_callback_prints_stays_on_its_own_stream(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    with redirect_stderr(terminal):
        wait(
            Service(JumpyTime(), {"job": steady("COMPLETED")}),
            progress=True,
            on_poll=lambda event: print(f"seen {event.status}"),
        )
    assert capsys.readouterr().out == "seen COMPLETED\n"
    assert "seen" not in terminal.getvalue()


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TERM": "unknown"}])
def test_a_terminal_that_can_do_nothing_gets_lines(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with redirect_stderr(terminal):
        wait(Service(JumpyTime(), {"job": steady("COMPLETED")}), progress=True)
    assert terminal.getvalue() == "compilation job 'job': COMPLETED (0s)\n"


def test_colours_that_are_forced_make_no_terminal_of_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    wait(Service(JumpyTime(), {"job": steady("COMPLETED")}), progress=True)
    assert capsys.readouterr().err == "compilation job 'job': COMPLETED (0s)\n"


def test_markup_in_a_status_is_text(terminal: Terminal) -> None:
    with redirect_stderr(terminal), _display.display() as shown:
        assert type(shown).__name__ == "_Live"
        shown._show("[bold]x[/nothing]", "✓")  # type: ignore[attr-defined]
    assert "[bold]x[/nothing]" in terminal.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.9, "59s"), (60, "1m00s"), (250, "4m10s"), (3600, "1h00m"), (90_000, "25h00m")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_waiting_does_not_load_what_it_does_not_need() -> None:
    code = """
    import sys
    import sagemaker_typed.client
    assert not [name for name in (
                                   "sagemaker_typed._waiting.many", "sagemaker_typed.waiting",
                                   "sagemaker_typed._waiting.display",
                                  "sagemaker_typed._waiting.targets", "tenacity", "rich") if name in sys.modules]
    sm = sagemaker_typed.client.SageMaker(region="us-west-2")
    sm.compilation_jobs
    assert not [name for name in ("sagemaker_typed._waiting.display", "sagemaker_typed._waiting.targets", "tenacity", "rich",
                                   "boto3")
                if name in sys.modules]
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)
