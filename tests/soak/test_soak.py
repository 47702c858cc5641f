"""The rule by which a soak is judged, the samples it takes, the work it does, and what the docs make of it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.soak import flat

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def series(**changed: list[float]) -> dict[str, list[float]]:
    return {**{name: [100.0] * 30 for name in flat.GROWTH}, **changed}


def test_what_does_not_change_is_flat() -> None:
    assert flat.problems(series()) == []


def test_warming_up_and_noise_are_flat() -> None:
    warm = [50.0 + 5 * min(number, 10) for number in range(30)]
    noisy = [100.0 + (0.5 if number % 2 else -0.5) for number in range(30)]
    assert flat.problems(series(rss_mb=warm, objects=noisy, descriptors=warm)) == []
    # One sample that was taken in the middle of something is no leak.
    assert flat.problems(series(rss_mb=[*[100.0] * 29, 500.0])) == []


@pytest.mark.parametrize("name", flat.GROWTH)
def test_a_leak_is_told(name: str) -> None:
    leaking = [100.0 + number for number in range(30)]
    (problem,) = flat.problems(series(**{name: leaking}))
    assert problem.startswith(f"{name} grew by 8.7%")


def test_one_descriptor_more_is_told() -> None:
    more = [20.0] * 20 + [21.0] * 10
    assert flat.problems(series(descriptors=more)) != []
    assert flat.problems(series(threads=more)) != []


def test_few_samples_tell_nothing() -> None:
    with pytest.raises(ValueError, match="8 samples are too few"):
        flat.growth([1.0] * 8)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux has /proc")
def test_a_sample_counts_descriptors_and_threads() -> None:
    """In a process of its own: threads of other tests end at any moment."""
    script = """
import json, os, threading
from tests.soak.__main__ import sample

before = sample()
held, stop = os.pipe(), threading.Event()
threading.Thread(target=stop.wait).start()
print(json.dumps([before, sample()]))
stop.set()
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    before, during = json.loads(done.stdout)
    assert during["descriptors"] - before["descriptors"] == 2
    assert during["threads"] - before["threads"] == 1
    assert before["rss_mb"] > 10


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux has /proc")
def test_a_short_soak_makes_every_kind_of_call() -> None:
    from tests.soak.__main__ import soak

    kept = soak(calls=900, polls=90, rounds=3)
    answered = kept["answered"]
    assert answered["requests"] > 900
    assert answered["polls"] >= 90
    assert {"missing", "denied"} <= set(answered)
    assert kept["series"]["calls"] == [300, 600, 900]
    assert {len(figures) for figures in kept["series"].values()} == {3}


# --- in the docs ------------------------------------------------------------------------------------------------------

DATA: dict[str, Any] = json.loads((DOCS / "_data" / "soak.json").read_text(encoding="utf-8"))


def test_what_the_docs_show_was_a_whole_soak_and_flat() -> None:
    assert DATA["answered"]["requests"] >= 110_000
    assert DATA["answered"]["polls"] >= 10_000
    assert {"broken", "cut", "throttled", "missing", "denied"} <= set(DATA["answered"])
    assert flat.problems(DATA["series"]) == []


def test_the_docs_draw_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS / "_ext")
    reliability: Any = import_module("reliability")
    text = reliability.pages(DATA)["soak.md"]
    assert f"{DATA['answered']['requests']:,} requests" in text
    assert f"{DATA['series']['rss_mb'][-1]:,.1f} MB at the end" in text
    pytest.importorskip("matplotlib")
    reliability.draw(DATA, tmp_path / "soak.svg")
    drawn = (tmp_path / "soak.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<?xml")
    assert "open descriptors" in drawn
