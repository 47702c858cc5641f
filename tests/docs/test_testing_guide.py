"""The project that the how-to on testing shows works as it is printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "test-code-that-uses-sagemaker.md"
_FILE = re.compile(r"^```python\n# (?P<name>\w+\.py)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_printed_project_passes(tmp_path: Path) -> None:
    files = {match["name"]: match["code"] for match in _FILE.finditer(GUIDE.read_text(encoding="utf-8"))}
    assert set(files) == {"compiling.py", "conftest.py", "test_compiling.py", "test_mocked.py"}
    for name, code in files.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
