"""`python -m sagemaker_typed.codegen.release.record COMPARISON`: writes what a regenerated tree still lacks, the entry of
CHANGELOG.md and the version, from what `sagemaker-typed changes --format json` said.

A separate process after the generator, so that the names come from the newly installed botocore.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sagemaker_typed.codegen.build import places
from sagemaker_typed.codegen.kept import installed
from sagemaker_typed.codegen.names import Namer, xform_name
from sagemaker_typed.codegen.overlay import Overlay, SiblingList
from sagemaker_typed.codegen.problems import Problems
from sagemaker_typed.codegen.read import BotocoreModel
from sagemaker_typed.codegen.targets import MAIN, Target

from .changelog import ApiNames, Changelog, ChangelogError
from .git import GitError, released
from .versions import FindingRecord, Version, VersionError, with_module_version

ROOT = Path(__file__).parents[3]


def names(model: BotocoreModel, overlay: Overlay, target: Target = MAIN) -> ApiNames:
    """By the same rules as the generator. What is gone from the library keeps the service's names."""
    namer = Namer(overlay.names, Problems())
    classes: dict[str, str] = overlay.names.get("classes", {})
    placed = places(model, overlay, target)

    def operation(name: str) -> str:
        if name not in model.operations:
            return name
        group, method = placed.get(name, ("", xform_name(name)))
        return ".".join(filter(None, ["sm", group, method]))

    def shape(name: str) -> str:
        return classes.get(name, name)

    def member(where: str) -> str:
        owner, _, wire = where.partition(".")
        # The "member" and "key" of a list or map are not fields.
        fields = model.shapes.get(owner, {}).get("type") == "structure"
        return namer.field(shape(owner), wire) if fields else wire

    return ApiNames(operation, shape, member)


_OF = "/"
"""Stands between the attribute of a sibling and what is found there: `runtime/InvokeEndpoint`."""


_KEPT = {
    "operation_removed": "operations",
    "shape_removed": "shapes",
    "member_removed": "members",
    "enum_value_removed": "values",
}
"""Kinds of findings -> the tables of `overlay/kept.toml`."""


def gathered(
    comparison: Mapping[str, Any], targets: Sequence[Target], kept: Mapping[str, Mapping[str, Any]]
) -> list[FindingRecord]:
    """Return the findings of all services in one list. `kept` has the tables of what stays, by attribute."""
    found: list[FindingRecord] = []
    each: FindingRecord
    for target in targets:
        head = f"{target.attribute}{_OF}" if target.attribute else ""
        for each in comparison.get(target.service, {"findings": []})["findings"]:
            told: FindingRecord = {**each, "where": f"{head}{each['where']}"}
            if (until := _until(each, kept.get(target.attribute, {}))) is not None:
                told["until"] = until
            found.append(told)
    return found


def _until(finding: FindingRecord, kept: Mapping[str, Any]) -> str | None:
    """Return the version that no longer has what the API lost; None if the library does not keep it."""
    value = finding.get("value") if finding["kind"] == "enum_value_removed" else None
    key = finding["where"] if value is None else f"{finding['where']}.{value}"
    said = kept.get(_KEPT.get(finding["kind"], ""), {}).get(key)
    return None if said is None else str(said["until"])


def names_of_all(named: Mapping[str, ApiNames]) -> ApiNames:
    """What findings of all services are called, by attribute. A class of a sibling has its attribute before it."""

    def look(which: Callable[[ApiNames], Callable[[str], str]], where: str, *, headed: bool) -> str:
        attribute, _, rest = where.rpartition(_OF)
        found = which(named[attribute])(rest)
        return f"{attribute}.{found}" if attribute and headed else found

    return ApiNames(
        operation=lambda where: look(lambda one: one.operation, where, headed=False),
        shape=lambda where: look(lambda one: one.shape, where, headed=True),
        member=lambda where: look(lambda one: one.member, where, headed=False),
    )


def record(root: Path, botocore: Version, findings: Sequence[FindingRecord], called: ApiNames, day: date) -> Version:
    """Write the entry and the version. A second run changes nothing."""
    changelog, module = root / "CHANGELOG.md", root / "sagemaker_typed/_core/version.py"
    before = Changelog.parse(changelog.read_text(encoding="utf-8"), released(root))
    version = before.next_version(findings)
    # Both texts first, so that a file in an unknown form stops the update before anything is written.
    texts = {
        changelog: before.updated(botocore, findings, called, day),
        module: with_module_version(module.read_text(encoding="utf-8"), version),
    }
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return version


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sagemaker_typed.codegen.release.record", description=__doc__)
    parser.add_argument("comparison", type=Path)
    args = parser.parse_args(argv)
    targets = [MAIN, *SiblingList.load().targets()]
    own = {target.attribute: Overlay.of(target) for target in targets}
    kept = {attribute: overlay.kept for attribute, overlay in own.items()}
    findings = gathered(json.loads(args.comparison.read_text(encoding="utf-8")), targets, kept)
    models = {target.attribute: installed(own[target.attribute], target) for target in targets}
    called = names_of_all(
        {
            target.attribute: names(
                models[target.attribute], own[target.attribute].reading(own[MAIN.attribute]), target
            )
            for target in targets
        }
    )
    try:
        version = record(ROOT, Version.parse(models[MAIN.attribute].version), findings, called, date.today())
    except (ChangelogError, GitError, VersionError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"version {version}, with its entry in CHANGELOG.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
