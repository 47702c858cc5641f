"""Draws the pictures of README.md: a wait in a terminal, and what an editor shows of a name. `make pictures`.

The terminal's is what a program printed there, the editor's what pyright's language server answered.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "_static"
COLUMNS = 100

WAIT = """\
report = sm.compilation_jobs.wait_all(names, progress=True)
"""
PROGRAM = f"""\
from sagemaker_typed.testing import LocalSageMaker
local = LocalSageMaker(every=0.3).start()
local.script("compilation_job", "*-4", ["STARTING", "INPROGRESS", ("FAILED", "ClientError: no input0 in the model")])
sm = local.client()
request = {{
    "role_arn": "arn:aws:iam::123456789012:role/SageMaker",
    "output_config": {{"s3_output_location": "s3://models/", "target_device": "ml_c5"}},
}}
from sagemaker_typed.types import InputConfig, OutputConfig, StoppingCondition
names = [f"resnet-{{number}}" for number in range(1, 13)]
s3 = local.boto3_client("s3")
s3.create_bucket(Bucket="models", CreateBucketConfiguration={{"LocationConstraint": local.region}})
s3.put_object(Bucket="models", Key="resnet.tar.gz", Body=b"")
import time
for name in names:
    time.sleep(0.06)
    sm.compilation_jobs.create(
        name, role_arn=request["role_arn"],
        input_config=InputConfig(s3_uri="s3://models/resnet.tar.gz", framework="PYTORCH", data_input_config="[1]"),
        output_config=OutputConfig(s3_output_location="s3://models/", target_device="ml_c5"),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
    )
{WAIT.replace("progress=True", "progress=True, timeout=3600, poll=0.2")}
print(report)
local.stop()
"""

HOVERED = "sm.compilation_jobs.describe"
SCRIPT = f"""\
from sagemaker_typed import SageMaker

sm = SageMaker()
job = {HOVERED}"""


# --- a wait -----------------------------------------------------------------------------------------------------------


def wait() -> str:
    """The picture of a wait, as SVG."""
    from rich.console import Console
    from rich.text import Text

    frames = list(_frames(_printed(PROGRAM)))
    middle = next(frame for frame in frames if re.search(r"[5-9] of 12 done[^\n]*\n.*━", frame))
    shown = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    shown.print(Text(f">>> {WAIT.strip()}", style="bold"))
    shown.print(Text.from_ansi(middle))
    shown.print()
    shown.print(Text("    a moment later", style="dim italic"))
    shown.print(Text.from_ansi(frames[-1]))
    svg = shown.export_svg(title="python", unique_id="wait")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # no fonts from elsewhere


def _printed(program: str) -> str:
    """What a program prints to a terminal."""
    mine, its = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "LINES": "24", "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=its, stdout=its, stderr=its, env=environment, close_fds=True
    )
    os.close(its)
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(mine, 65536)
        except OSError:  # the program has ended
            break
        if not part:
            break
        parts.append(part)
    os.close(mine)
    if process.wait():
        raise SystemExit(b"".join(parts).decode())
    return b"".join(parts).decode()


def _frames(printed: str) -> Iterator[str]:
    """What a terminal shows after each redraw: lines are erased one by one from below."""
    lines: list[str] = [""]
    for part in re.split(r"(\r\n|\n|\r|\x1b\[1A|\x1b\[2K|\x1b\[\?25[hl])", printed):
        if part == "\x1b[1A":
            lines.pop()
        elif part == "\x1b[2K":
            lines[-1] = ""
        elif part in ("\n", "\r\n"):
            lines.append("")
        elif part != "\r" and not part.startswith("\x1b[?25"):
            lines[-1] += part
            yield "\n".join(lines).strip()


# --- what an editor shows ---------------------------------------------------------------------------------------------


def hover() -> str:
    """The picture of a hover, as SVG."""
    sys.path.insert(0, str(ROOT))
    from tests.typing.lsp import LanguageServer

    with tempfile.TemporaryDirectory() as folder, LanguageServer("pyright", Path(folder)) as server:
        answer: Any = server._at("textDocument/hover", SCRIPT, back=1)
    signature, _, words = str(answer["contents"]["value"]).partition("\n---\n")
    head = [line for line in signature.splitlines() if not line.startswith("```")]
    return _drawn(SCRIPT.splitlines(), [*head, "", *_wrapped(words)])


def _wrapped(text: str) -> list[str]:
    lines: list[str] = []
    for line in unescape(text).replace("\\", "").replace("`", "").replace("\u00a0", " ").strip().splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        lines += textwrap.wrap(line, COLUMNS, subsequent_indent=f"{indent}    ") or [""]
    return [line for line, above in zip(lines, ["", *lines], strict=False) if line or above]


_FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def _drawn(code: list[str], box: list[str]) -> str:
    """Lines of code, and a box below the last of them."""
    size, high, wide = 14, 20, 8.4
    width = int(wide * (COLUMNS + 7))
    top = 20 + high * len(code)
    height = top + high * (len(box) + 2)
    parts: list[str] = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>pyright's answer to a hover over a method</title>",
        f"<style>text {{ font: {size}px {_FONTS}; white-space: pre; }}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#1f2430"/>',
    ]
    parts += [_line(line, 16, 24 + high * number, "#d7dae0") for number, line in enumerate(code)]
    frame = f'width="{width - 32}" height="{high * (len(box) + 1)}" rx="4" fill="#2b3040" stroke="#4b5263"'
    parts.append(f'<rect x="16" y="{top}" {frame}/>')
    for number, line in enumerate(box):
        colour = "#9cdcfe" if number < box.index("") else "#d7dae0"
        parts.append(_line(line, 28, top + high * (number + 1), colour))
    return "\n".join([*parts, "</svg>", ""])


def _line(text: str, x: int, y: int, colour: str) -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}" xml:space="preserve">{escape(text)}</text>'


def main(*names: str) -> None:
    """Draw the pictures."""
    drawn: dict[str, Any] = {"wait": wait, "hover": hover}
    for name in names or drawn:
        path = TARGET / f"{name}.svg"
        path.write_text(drawn[name](), encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(*sys.argv[1:])
