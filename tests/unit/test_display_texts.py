"""What each display says of each event, to the letter: lines, rich's live display, and the cell of a notebook."""

from __future__ import annotations

import io
import math
import sys
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed import errors
from sagemaker_typed._waiting import display as displays
from sagemaker_typed._waiting.many import BatchEvent
from sagemaker_typed._waiting.one import WaitEvent
from tests.support.simulated import api


def one(status: str | None = "INPROGRESS", **others: Any) -> WaitEvent[Any]:
    usual = {"name": "bert", "changed": True, "polls": 1, "elapsed": 130.0, "remaining": 3470.0, "response": None}
    return WaitEvent(**{**usual, "error": None, "status": status, **others})


def many(done: int, total: int, **others: Any) -> BatchEvent:
    usual = {
        "states": {"STARTING": total - done, "COMPLETED": done},
        "changed": {"a": "COMPLETED"},
        "slowest": "resnet-17",
        "elapsed": 750.0,
        "remaining": 20820.0,
        "list_calls": 1,
        "describe_calls": 2,
    }
    return BatchEvent(**{"total": total, "done": done, **usual, **others})


def machine(*, done: bool = False, outcome: str | None = None) -> Any:
    return SimpleNamespace(who="job 'bert'", done=done, outcome=outcome)


LOST = api("ThrottlingException", "slow\x1b down " + "z" * 5000)


@pytest.mark.parametrize(
    ("state", "event", "text"),
    [
        (machine(), one(), "job 'bert': INPROGRESS (2m10s, 57m50s left)"),
        (machine(done=True, outcome="success"), one("COMPLETED"), "job 'bert': COMPLETED (2m10s)"),
        (machine(outcome="failure"), one("FAILED"), "job 'bert': FAILED (2m10s)"),
        (machine(outcome="stopped"), one("STOPPED"), "job 'bert': STOPPED (2m10s)"),
        (machine(outcome="pending"), one("STOPPED"), "job 'bert': STOPPED (2m10s, 57m50s left)"),
        (machine(done=True), one(None), "job 'bert': gone (2m10s)"),
        (machine(), one(None), "job 'bert': no answer (2m10s, 57m50s left)"),
        (machine(), one(remaining=math.inf), "job 'bert': INPROGRESS (2m10s, no end left)"),
        (machine(done=True), one("COMPLETED", error=LOST), "job 'bert': COMPLETED (2m10s)"),
        (machine(), one("New\x1bOne"), r"job 'bert': New\x1bOne (2m10s, 57m50s left)"),
    ],
)
def test_what_is_said_of_one(state: Any, event: WaitEvent[Any], text: str) -> None:
    assert displays.text_of_one(state, event) == text


def test_a_broken_answer_is_an_answer() -> None:
    error = errors.TransportError("cut off", "DescribeCompilationJob")
    silent = displays.text_of_one(machine(), one(None, error=error))
    assert silent == "job 'bert': no answer: cut off (2m10s, 57m50s left)"
    error.came("id", 200, "{}")
    broken = displays.text_of_one(machine(), one(None, error=error))
    assert broken == "job 'bert': poll failed: cut off (2m10s, 57m50s left)"


def test_an_error_is_said_and_cut() -> None:
    # A look that failed says nothing of how the job does, whatever the look before said.
    text = displays.text_of_one(machine(outcome="failure"), one(None, error=LOST))
    assert text.startswith("job 'bert': poll failed: An error occurred (ThrottlingException)")
    assert r"slow\x1b down zzz" in text
    assert text.endswith(" (2m10s, 57m50s left)")
    assert len(text) < 1300


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            many(312, 500),
            "312 of 500 done: 312 COMPLETED, 188 STARTING (12m30s, 5h47m left; slowest resnet-17)",
        ),
        (many(3, 3, states={"COMPLETED": 3}), "3 of 3 done: 3 COMPLETED (12m30s)"),
        (many(0, 0, states={}), "0 of 0 done (12m30s)"),
        (many(1, 2, states={}, slowest=None, remaining=math.inf), "1 of 2 done (12m30s)"),
        (many(1, 2, slowest=None), "1 of 2 done: 1 STARTING, 1 COMPLETED (12m30s, 5h47m left)"),
        (many(1, 2, remaining=math.inf), "1 of 2 done: 1 STARTING, 1 COMPLETED (12m30s; slowest resnet-17)"),
        (many(1, 9, states={"b\n": 9}), "1 of 9 done: 9 b (12m30s, 5h47m left; slowest resnet-17)"),
    ],
)
def test_what_is_said_of_many(event: BatchEvent, text: str) -> None:
    assert displays.text_of_many(event) == text


# --- lines ------------------------------------------------------------------------------------------------------------


def lines_of(show: Any) -> list[str]:
    screen = io.StringIO()
    with redirect_stderr(screen), displays.display() as shown:
        show(shown)
    return screen.getvalue().splitlines()


def test_a_line_for_each_change_of_one() -> None:
    def show(shown: displays.Display) -> None:
        for event in (
            one("A"),
            one("A", changed=False, elapsed=200.0),
            one("B"),
            one("B", elapsed=201.0),  # it changed to A and back between two looks: nothing new
            one(None, changed=False, error=api("ThrottlingException")),
            one(None, changed=False, error=api("ThrottlingException"), elapsed=202.0),
            one("C", changed=False),
        ):
            shown.one(machine(), event)
        shown.one(machine(done=True), one("D", changed=False))

    assert [line.partition(" (")[0] for line in lines_of(show)] == [
        "job 'bert': A",
        "job 'bert': B",
        "job 'bert': poll failed: An error occurred",
        "job 'bert': D",
    ]


def test_a_line_for_each_change_of_many() -> None:
    def show(shown: displays.Display) -> None:
        shown.many(many(0, 2, states={"A": 2}), [])
        shown.many(many(0, 2, states={"B": 2}, changed={}), [])
        shown.many(many(0, 2, states={"C": 2}), [])
        shown.many(many(2, 2, states={"D": 2}, changed={}), [])

    assert [line.partition(" (")[0] for line in lines_of(show)] == [
        "0 of 2 done: 2 A",
        "0 of 2 done: 2 C",
        "2 of 2 done: 2 D",
    ]


@pytest.mark.parametrize("error", [OSError("No space left on device"), ValueError("I/O operation on closed file")])
def test_standard_error_that_takes_nothing_ends_no_wait(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        tries = 0

        def write(self, text: str) -> int:
            self.tries += 1
            raise error

    full = Full()
    monkeypatch.setattr(sys, "stderr", full)
    with displays.display() as shown:
        shown.one(machine(), one("A"))
        shown.one(machine(), one("B"))
    assert full.tries == 2
    broken = Full()
    broken.write = lambda text: 1 // 0  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", broken)
    with displays.display() as shown, pytest.raises(ZeroDivisionError):
        shown.one(machine(), one("A"))


def test_each_line_is_there_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Buffered(io.StringIO):
        flushed = ""

        def flush(self) -> None:
            self.flushed = self.getvalue()

    screen = Buffered()
    monkeypatch.setattr(sys, "stderr", screen)
    with displays.display() as shown:
        shown.one(machine(), one("A"))
        assert screen.flushed == "job 'bert': A (2m10s, 57m50s left)\n"
    out = Buffered()
    with redirect_stdout(out):
        displays.show("2026-11-26T07:44:21Z  algo-1  epoch 1")  # type: ignore[arg-type]
        assert out.flushed == "2026-11-26T07:44:21Z  algo-1  epoch 1\n"


def test_a_log_line_that_the_terminal_cannot_write_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    displays.show("loss é 日 0.5")  # type: ignore[arg-type]
    assert written.getvalue() == rb"loss \xe9 \u65e5 0.5" + b"\n"


# --- rich -------------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Ascii(Terminal):
    encoding = "ascii"


class Recording:
    """Stands for rich's live display: what it was made with, and what it was to show."""

    made: list[Recording]

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.shown: list[str] = []
        self.open: list[str] = []
        self.made.append(self)

    def __enter__(self) -> Recording:
        self.open.append("begun")
        return self

    def __exit__(self, *error: Any) -> None:
        self.open.append("ended")

    def update(self, shown: Any) -> None:
        from rich.console import Console

        page = io.StringIO()
        Console(file=page, width=100, color_system=None, legacy_windows=False).print(shown)
        self.shown.append(page.getvalue())


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> list[Recording]:
    rich = pytest.importorskip("rich.live")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    Recording.made = []
    monkeypatch.setattr(rich, "Live", Recording)
    return Recording.made


def test_what_rich_shows_of_one(live: list[Recording]) -> None:
    with redirect_stderr(Terminal()), displays.display() as shown:
        shown.one(machine(), one())
        shown.one(machine(), one(None, error=api("ThrottlingException")))
        shown.one(machine(outcome="failure"), one(None, error=api("ThrottlingException")))
        shown.one(machine(outcome="failure"), one("FAILED"))
        shown.one(machine(outcome="stopped"), one("STOPPED"))
        shown.one(machine(done=True, outcome="success"), one("COMPLETED"))
        (made,) = live
        assert made.open == ["begun"]
    assert made.open == ["begun", "ended"]
    assert [text[:20].rstrip() for text in made.shown] == [
        "⠋ job 'bert': INPROG",
        "⠋ job 'bert': poll f",
        "⠋ job 'bert': poll f",
        "✗ job 'bert': FAILED",
        "✗ job 'bert': STOPPE",
        "✓ job 'bert': COMPLE",
    ]


def test_what_rich_shows_of_many(live: list[Recording]) -> None:
    with redirect_stderr(Terminal()), displays.display() as shown:
        shown.many(many(1, 2), [])
        shown.many(many(2, 2, states={}), [])
        shown.many(many(0, 0, states={}), [])
    first, second, third = [text.splitlines() for text in live[0].shown]
    assert first[0] == "⠋ 1 of 2 done: 1 STARTING, 1 COMPLETED (12m30s, 5h47m left; slowest resnet-17)"
    assert second[0] == "✓ 2 of 2 done (12m30s)"
    # Without colours rich leaves out the part of the bar that is not reached.
    assert [line.rstrip() for line in (first[1], second[1], third[1])] == ["━" * 30, "━" * 60, "━" * 60]
    assert {len(each) for each in (first, second, third)} == {2}


def test_a_terminal_without_unicode(live: list[Recording]) -> None:
    with redirect_stderr(Ascii()), displays.display() as shown:
        shown.one(machine(), one())
        shown.one(machine(outcome="failure"), one("FAILED"))
        shown.one(machine(done=True, outcome="success"), one("COMPLETED"))
    assert [text[:6] for text in live[0].shown] == ["- job ", "x job ", "+ job "]


@pytest.mark.parametrize(("out", "both"), [(Terminal(), True), (io.StringIO(), False), (SimpleNamespace(), False)])
def test_standard_output_goes_above_the_display_only_in_a_terminal(
    live: list[Recording], out: Any, both: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", out)
    with redirect_stderr(Terminal()), displays.display():
        pass
    options = dict(live[0].options)
    assert options.pop("console").stderr
    assert options == {"refresh_per_second": 8, "redirect_stdout": both}


# --- a cell of a notebook ---------------------------------------------------------------------------------------------


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    from types import ModuleType

    shown: list[tuple[str, str]] = []

    def update(forms: dict[str, str], *, raw: bool, display_id: bool = True) -> Any:
        assert raw is True
        assert display_id is True
        shown.append((forms["text/plain"], forms["text/html"]))
        return SimpleNamespace(update=update)

    ipython, module = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    module.display = update  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return shown


GREEN, RED, BLUE = "#1a7f37", "#cf222e", "#0969da"  # GitHub's, whose contrast is known


def test_the_colours_of_a_cell(cell: list[tuple[str, str]]) -> None:
    with displays.display() as shown:
        shown.one(machine(), one())
        shown.one(machine(outcome="failure"), one(None, error=api("ThrottlingException")))
        shown.one(machine(outcome="failure"), one("FAILED"))
        shown.one(machine(outcome="stopped"), one("STOPPED"))
        shown.one(machine(done=True, outcome="success"), one("COMPLETED"))
        shown.many(many(1, 2), [])
        shown.many(many(2, 2), [])
        shown.many(many(0, 0), [])
    point = f'<span style="color:{BLUE}">&#9679;</span>'
    seen = [
        (point in html, [colour for colour in (GREEN, RED, BLUE) if colour in html], html.rpartition("width:")[2][:6])
        for _, html in cell
    ]
    assert [(dot, colours) for dot, colours, _ in seen] == [
        (True, [BLUE]), (True, [BLUE]), (False, [RED]), (False, [RED]), (False, [GREEN]), (False, [BLUE]), (False, [GREEN]),
        (False, [GREEN]),
    ]  # fmt: skip
    assert [width for dot, _, width in seen if not dot] == ["100.0%"] * 3 + ["50.0%;"] + ["100.0%"] * 2
    assert cell[5][0] == "1 of 2 done: 1 STARTING, 1 COMPLETED (12m30s, 5h47m left; slowest resnet-17)"
    assert all(text in html.replace("&#x27;", "'") for text, html in cell)
