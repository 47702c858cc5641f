"""The page on what changed: what is collected for it, and how it is drawn."""

from __future__ import annotations

import json
import subprocess
import zipfile
from datetime import date
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(DOCS / "_ext")
    return import_module("history")


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.syspath_prepend(DOCS / "_ext")
    module = import_module("collect_history")
    monkeypatch.setattr(module, "CACHE", tmp_path)
    module.fetch.cache_clear()
    return module


DATA = json.loads((DOCS / "_data" / "history.json").read_text(encoding="utf-8"))


def test_the_page_names_what_is_new_and_what_broke(history: Any) -> None:
    pages = history.pages(DATA)
    for release in DATA["releases"]:
        assert f"| {release['botocore']} | " in pages["releases.md"]
        assert all(f"`{name}`" in pages["releases.md"] for name in release["new_operations"])
    broken = [each for each in DATA["growth"] if each.get("breaking")]
    assert pages["broken.md"].count("\n") == len(broken) + 2
    assert f"{sum(len(each['breaking']) for each in broken)} changes" in pages["summary.md"]
    assert f"{DATA['growth'][-1]['operations']}," in pages["summary.md"]


def test_the_data_go_from_old_to_new_and_count_what_is_there() -> None:
    growth, releases = DATA["growth"], DATA["releases"]
    assert [each["date"] for each in growth] == sorted(each["date"] for each in growth)
    assert [each["date"] for each in releases] == sorted((each["date"] for each in releases), reverse=True)
    for before, after in pairwise(growth):
        assert after["since"] == before["botocore"]
        assert after["operations"] <= before["operations"] + len(after["new_operations"])


def test_texts_do_not_break_the_table(history: Any) -> None:
    (cell,) = [history._listed(["Shape.Member: pattern None is now '^[a|b]*$'"])]
    assert cell == r"`Shape.Member`: pattern None is now '^\[a\|b\]\*$'"
    assert history._listed([f"S: value {index} removed" for index in range(10)]).endswith("<br>and 2 more")


def test_the_plot_is_the_same_for_the_same_data(history: Any, tmp_path: Path) -> None:
    one, two = tmp_path / "growth.svg", tmp_path / "again" / "growth.svg"
    two.parent.mkdir()
    for target in (one, two):
        history.draw(DATA["growth"], target)
    assert one.read_bytes() == two.read_bytes()
    assert "something broke" in one.read_text(encoding="utf-8")


# --- collecting -------------------------------------------------------------------------------------------------------


def model(*operations: str, values: tuple[str, ...] = ("a",), words: str = "") -> dict[str, Any]:
    return {
        "metadata": {"serviceId": "SageMaker"},
        "operations": {name: {"name": name, "input": {"shape": "In"}} for name in operations},
        "shapes": {
            "In": {"type": "structure", "members": {"Kind": {"shape": "Kind"}}, "documentation": words},
            "Kind": {"type": "string", "enum": list(values)},
        },
    }


# The newest first; 1.0.2 changed nothing but words.
MODELS = {
    "1.0.4": model("A", "B", values=("a", "c")),
    "1.0.3": model("A", "B", values=("a",)),
    "1.0.2": model("A", values=("a", "b"), words="new"),
    "1.0.1": model("A", values=("a", "b")),
    "1.0.0": model("A", values=("a", "b")),
}


@pytest.fixture
def releases(collector: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    days = {version: date(2026, 1, int(version[-1]) + 1) for version in MODELS}
    made = {version: collector.Release(version, days[version], MODELS[version]) for version in MODELS}
    monkeypatch.setattr(collector, "fetch", made.__getitem__)
    return collector


def test_the_releases_that_changed_something(releases: Any) -> None:
    found = list(releases.changed(list(MODELS)))
    assert [(each["botocore"], each["since"]) for each in found] == [("1.0.4", "1.0.3"), ("1.0.3", "1.0.2")]
    assert found[0]["new_values"] == 1
    assert found[1]["new_operations"] == ["B"]
    assert found[1]["breaking"] == ["Kind: value 'b' removed"]


def test_growth_is_compared_step_by_step(releases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "STEP", 2)
    monkeypatch.setattr(releases, "YEARS", 0)
    found = list(releases.growth(list(MODELS)))
    assert [each["botocore"] for each in found] == ["1.0.4", "1.0.2"]
    assert (found[0]["operations"], found[0]["values"], found[0]["since"]) == (2, 2, "1.0.2")
    assert "since" not in found[1]


def test_a_model_is_fetched_once(collector: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        asked.append(command)
        wheel = Path(command[command.index("--dest") + 1]) / "botocore-1.0.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as file:
            for name in ("sagemaker/2017-07-24", "sagemaker-edge/2020-09-23", "s3/2006-03-01"):
                entry = zipfile.ZipInfo(f"botocore/data/{name}/service-2.json", (2026, 1, 2, 3, 4, 6))
                file.writestr(entry, json.dumps(model("A", words=name)))
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    for _ in range(2):
        collector.fetch.cache_clear()
        release = collector.fetch("1.0.0")
        assert (release.day, release.model) == (date(2026, 1, 2), model("A", words="sagemaker/2017-07-24"))
    assert len(asked) == 1


def test_pips_error_is_told(collector: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = SimpleNamespace(returncode=1, stdout="", stderr="no such version\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(SystemExit, match="no such version"):
        collector.versions()
