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
from xml.etree import ElementTree as ET

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


STORE = DOCS.parent / "sagemaker_typed" / "changes" / "history.jsonl"
DATA = [json.loads(line) for line in STORE.read_text(encoding="utf-8").splitlines()[1:]]


def test_there_is_an_entry_for_each_release_on_the_page_of_its_year(history: Any) -> None:
    assert history.read(STORE) == DATA
    pages = history.years(DATA)
    assert sorted(pages) == sorted({f"{release['date'][:4]}.md" for release in DATA})
    assert min(pages) == "2018.md"
    for name, text in pages.items():
        year = [release for release in reversed(DATA) if release["date"].startswith(name[:4])]
        head, *entries = text.split("(botocore-")
        assert head == f"# What changed in {name[:4]}\n\n"
        for release, entry in zip(year, entries, strict=True):
            assert f"## {release['botocore']}\n" in entry
            assert all(f"`{operation}`" in entry for operation in release["operations"])
            assert ("**Breaking**" in entry) == bool(release["breaking"])


def test_there_is_a_line_for_each_release(history: Any) -> None:
    _, _, *rows = history.pages(DATA)["releases.md"].splitlines()
    for release, row in zip(reversed(DATA), rows, strict=True):
        target = f"botocore-{release['botocore'].replace('.', '-')}"
        _, link, _, *counts, _ = (cell.strip() for cell in row.split("|"))
        assert link == f"[{release['botocore']}](#{target})"
        assert f"({target})=\n" in history.years(DATA)[f"{release['date'][:4]}.md"]
        kinds = ("operations", "breaking", "conditional", "compatible")
        assert [int(count or 0) for count in counts] == [len(release[kind]) for kind in kinds]


def test_the_summary_counts(history: Any) -> None:
    text = history.pages(DATA)["summary.md"]
    assert f"changed in {len(DATA)} releases" in text
    assert f"to {DATA[-1]['counts'][0]:,} operations" in text


def test_the_releases_go_from_old_to_new_and_their_counts_hold() -> None:
    numbers = [tuple(map(int, each["botocore"].split("."))) for each in DATA]
    assert numbers == sorted(numbers)
    assert [each["date"] for each in DATA] == sorted(each["date"] for each in DATA)
    for before, after in pairwise(DATA):
        gone = sum("operation removed" in text for text in after["breaking"])
        assert after["counts"][0] == before["counts"][0] + len(after["operations"]) - gone, after["botocore"]


def test_what_the_public_pages_said_is_in_it() -> None:
    """Pages of 2018 and 2020, and a change that they do not show."""
    found = {each["botocore"]: each for each in DATA}
    assert "TargetDevice: value added: sitara_am57x" in found["1.15.30"]["conditional"]
    assert "FlowDefinitionStatus: value removed: Deleted" in found["1.15.30"]["breaking"]
    assert any(
        text.startswith("RealTimeInferenceConfig.InstanceType: values removed:") for text in found["1.43.7"]["breaking"]
    )
    assert "1.11.5" in found
    assert "1.14.0" in found


def test_texts_do_not_break_the_page(history: Any) -> None:
    lines = history._listed("breaking", ["Shape.Member: pattern None is now '^[a|b]*$'"])
    assert lines[2] == r"- `Shape.Member`: pattern None is now '^\[a\|b\]\*\$'"
    assert history._listed("breaking", [f"S: value {index} removed" for index in range(14)])[-2] == "- and 2 more"


def test_the_feed_has_the_newest_first(history: Any) -> None:
    root = ET.fromstring(history.feed(DATA))
    atom = "{http://www.w3.org/2005/Atom}"
    entries = root.findall(f"{atom}entry")
    assert len(entries) == 50
    ids = [entry.findtext(f"{atom}id") for entry in entries]
    assert len(set(ids)) == 50
    newest = DATA[-1]
    assert entries[0].findtext(f"{atom}title", "").startswith(f"botocore {newest['botocore']}: ")
    assert all(text in entries[0].findtext(f"{atom}content", "") for text in newest["breaking"])


def test_the_plot_is_the_same_for_the_same_data(history: Any, tmp_path: Path) -> None:
    one, two = tmp_path / "growth.svg", tmp_path / "again" / "growth.svg"
    two.parent.mkdir()
    for target in (one, two):
        history.draw(DATA, target)
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
    found = list(releases.changed(list(MODELS), "1.0.0"))
    assert [(each["botocore"], each["since"]) for each in found] == [("1.0.3", "1.0.2"), ("1.0.4", "1.0.3")]
    assert found[0]["operations"] == ["B"]
    assert found[0]["breaking"] == ["Kind: value removed: b"]
    assert (found[1]["compatible"], found[1]["counts"]) == (["Kind: value added: c"], [2, 1, 2])


def test_what_stands_in_the_history_is_not_compared_again(
    releases: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "history.jsonl"
    monkeypatch.setattr(releases, "TARGET", target)
    monkeypatch.setattr(releases, "ROOT", tmp_path)
    monkeypatch.setattr(releases, "FIRST", "1.0.0")
    newest_first = list(MODELS)
    for there in (newest_first[1:], newest_first, newest_first):
        monkeypatch.setattr(releases, "versions", lambda there=there: there)
        releases.main([])
        head, *lines = map(json.loads, target.read_text().splitlines())
        assert head == {"first": "1.0.0", "through": there[0]}
    assert [each["botocore"] for each in lines] == ["1.0.3", "1.0.4"]
    target.write_text(target.read_text().replace('"B"', '"kept"'))
    releases.main([])
    assert '"kept"' in target.read_text()
    releases.main(["--anew"])
    assert '"kept"' not in target.read_text()


def test_releases_with_equal_ends_are_not_looked_into(releases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    fetch = releases.fetch
    same = {f"1.0.{number}": MODELS["1.0.0"] for number in range(16, -1, -1)}

    def counted(version: str) -> Any:
        asked.append(version)
        return releases.Release(version, date(2026, 1, 1), same[version])

    monkeypatch.setattr(releases, "fetch", counted)
    assert list(releases.pairs(list(same))) == []
    assert set(asked) == {"1.0.0", "1.0.16"}
    assert fetch is not counted


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
