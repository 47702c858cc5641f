"""The entry of CHANGELOG.md about the changes in a newer botocore."""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from .versions import FindingRecord, Version, level_of

_HEADING = re.compile(r"^## (?P<version>\d+\.\d+\.\d+)\b.*$", re.MULTILINE)
_GENERATED = re.compile(r"^Generated from botocore (?P<version>\d+\.\d+\.\d+)\b.*\n(?:\S.*\n)*", re.MULTILINE)
_OURS = re.compile(r"^### API: .*\n(?:(?!###? ).*\n)*", re.MULTILINE)
_WIDTH = 120
_SHOWN = 12
"""So many names of one list are printed; more than that nobody reads, and `sagemaker-typed changes` has them all."""


class ChangelogError(Exception):
    """The changelog lacks required information."""


@dataclass(frozen=True)
class ApiNames:
    """The Python names of the findings."""

    operation: Callable[[str], str]
    """`CreateEndpoint` -> `sm.endpoints.create`."""
    shape: Callable[[str], str]
    """A shape's name -> its class's name."""
    member: Callable[[str], str]
    """`Shape.Member` -> the name of its field."""


@dataclass(frozen=True)
class Entry:
    version: Version
    body: str
    """All below the heading."""

    @property
    def botocore(self) -> Version | None:
        found = _GENERATED.search(self.body)
        return Version.parse(found["version"]) if found else None

    @property
    def written(self) -> str:
        """What an update writes of the entry, without people's text."""
        found = _GENERATED.search(self.body)
        blocks = [found[0]] if found else []
        return "\n\n".join(each.strip("\n") for each in [*blocks, *_OURS.findall(self.body)])


@dataclass(frozen=True)
class Changelog:
    """The file, with the entry that an update writes."""

    top: str
    """All above the first entry."""
    entries: tuple[Entry, ...]
    rest: tuple[str, ...]
    """Each entry as it stands in the file."""
    released: frozenset[Version]

    @classmethod
    def parse(cls, text: str, released: Collection[Version]) -> Changelog:
        """Parse the changelog. `released` are the versions with a tag."""
        text = text.rstrip("\n") + "\n"
        found = list(_HEADING.finditer(text))
        if not found:
            raise ChangelogError("the changelog has no entry, such as '## 0.1.0 (2026-01-31)'")
        ends = [*(heading.start() for heading in found[1:]), len(text)]
        return cls(
            top=text[: found[0].start()],
            entries=tuple(
                Entry(Version.parse(heading["version"]), text[heading.end() : end])
                for heading, end in zip(found, ends, strict=True)
            ),
            rest=tuple(text[heading.start() : end] for heading, end in zip(found, ends, strict=True)),
            released=frozenset(released),
        )

    @property
    def open(self) -> Entry | None:
        """The newest entry while its version has no tag.

        The very first version is never open, because there is no earlier version to compare it with.
        """
        newest = self.entries[0]
        return newest if len(self.entries) > 1 and newest.version not in self.released else None

    @property
    def base(self) -> Entry:
        """The version that users have, which the next version is compared with."""
        return self.entries[1] if self.open else self.entries[0]

    @property
    def base_botocore(self) -> Version:
        for entry in self.entries[1 if self.open else 0 :]:
            if entry.botocore:
                return entry.botocore
        raise ChangelogError("no entry of the changelog says 'Generated from botocore ...'")

    def next_version(self, findings: Iterable[FindingRecord]) -> Version:
        """Return the next version by the policy, at least the version of the open entry."""
        wanted = self.base.version.raised(level_of(findings))
        return max(wanted, self.open.version) if self.open else wanted

    def updated(self, botocore: Version, findings: Sequence[FindingRecord], names: ApiNames, day: date) -> str:
        """Return the file with this update's entry: a new one, or the open one rewritten around people's text."""
        kept = ""
        if self.open:
            kept = _OURS.sub("", _GENERATED.sub("", self.open.body, count=1)).strip("\n")
        blocks = [
            f"## {self.next_version(findings)} ({day.isoformat()})",
            _wrapped(f"Generated from botocore {botocore} (was {self.base_botocore}): {summary(findings)}."),
            *filter(None, [kept]),
            *sections(findings, names),
        ]
        older = self.rest[1:] if self.open else self.rest
        return self.top + "\n\n".join(blocks) + "\n\n" + "".join(older)


# --- what an entry says -----------------------------------------------------------------------------------------------

_ADDED = ("operation_added", "member_added", "required_member_added", "enum_value_added", "enum_introduced")


def summary(findings: Sequence[FindingRecord]) -> str:
    """`2 breaking changes, 3 new operations and 1 new enum value`."""
    kinds = [finding["kind"] for finding in findings]
    counts = {
        "breaking change": len(_lasting(findings, "breaking")),
        "deprecated name": sum("until" in finding for finding in findings),
        "new operation": kinds.count("operation_added"),
        "new member": kinds.count("member_added") + kinds.count("required_member_added"),
        "new enum value": kinds.count("enum_value_added"),
    }
    parts = [f"{count} {noun}{'s' if count > 1 else ''}" for noun, count in counts.items() if count]
    if not parts:
        return "small changes only" if findings else "nothing changed for SageMaker"
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def sections(findings: Sequence[FindingRecord], names: ApiNames) -> list[str]:
    """Return one section each for breaking changes, names that go, new elements, and other changes."""
    kept = [finding for finding in findings if "until" in finding]
    depends = [finding for finding in _lasting(findings, "conditional") if finding["kind"] not in _ADDED]
    blocks = {
        "breaking": _changed(_lasting(findings, "breaking"), names),
        "deprecated": _changed(kept, names),
        "new operations": _new_operations(findings, names),
        "new members": _new_members(findings, names),
        "new enum values": _new_values(findings, names),
        "also changed": _changed(depends, names),
    }
    return [
        f"### API: {title}\n\n" + "\n".join(_wrapped(line, "- ") for line in lines)
        for title, lines in blocks.items()
        if lines
    ]


def _lasting(findings: Sequence[FindingRecord], severity: str) -> list[FindingRecord]:
    """Return the findings of a severity that no kept name softens."""
    return [finding for finding in findings if finding["severity"] == severity and "until" not in finding]


def _new_operations(findings: Sequence[FindingRecord], names: ApiNames) -> list[str]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for finding in findings:
        if finding["kind"] == "operation_added":
            group, _, method = names.operation(finding["where"]).rpartition(".")
            groups[group].append(method)
    return [f"{_code(group)}: {_listed(sorted(methods))}" for group, methods in sorted(groups.items())]


def _new_members(findings: Sequence[FindingRecord], names: ApiNames) -> list[str]:
    members: defaultdict[str, list[str]] = defaultdict(list)
    for finding in findings:
        if finding["kind"] in ("member_added", "required_member_added"):
            members[_shape_of(finding, names)].append(names.member(finding["where"]))
    return _gathered({shape: _listed(sorted(fields)) for shape, fields in members.items()})


def _new_values(findings: Sequence[FindingRecord], names: ApiNames) -> list[str]:
    values: defaultdict[str, list[str]] = defaultdict(list)
    for finding in findings:
        if finding["kind"] == "enum_value_added":
            values[_shape_of(finding, names)].append(str(finding.get("value")))
        elif finding["kind"] == "enum_introduced":
            values[_shape_of(finding, names)] += map(str, finding.get("new") or ())
    return _gathered({enum: _listed(texts) for enum, texts in values.items()})


def _shape_of(finding: FindingRecord, names: ApiNames) -> str:
    return names.shape(finding["where"].partition(".")[0])


def _changed(findings: Iterable[FindingRecord], names: ApiNames) -> list[str]:
    """Return one line for each shape, or for several shapes with the same change."""
    told: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for finding in findings:
        owner, dot, _ = finding["where"].partition(".")
        subject = names.operation(owner) if finding["kind"].startswith("operation_") else names.shape(owner)
        if finding["kind"].startswith("enum_value"):
            what = [str(finding.get("value"))]
        else:
            what = [names.member(finding["where"])] if dot else []
        told[subject][_words(finding)] += what
    lines: dict[str, str] = {}
    for subject, phrases in told.items():
        parts = [" ".join(filter(None, [_listed(sorted(what)), words])) for words, what in phrases.items()]
        lines[subject] = "; ".join(parts)
    return _gathered(lines)


_PHRASES = {
    "operation_removed": "removed",
    "shape_removed": "removed",
    "member_removed": "removed",
    "enum_value_removed": "removed",
    "required_member_added": "added, required",
    "member_made_required": "now required",
    "member_no_longer_required": "no longer required",
    "enum_dropped": "no longer an enum",
    "enum_reordered": "in another order",
}
"""What happened, for the kinds of findings that need no more words."""


def _words(finding: FindingRecord) -> str:
    """Return the name of the member or value, followed by its change."""
    old, new, value = finding.get("old"), finding.get("new"), finding.get("value")
    kind = finding["kind"]
    if "until" in finding:
        return f"deprecated, kept until {finding['until']}"
    match kind:
        case "operation_output_removed":
            return "gives nothing any more" if new is None else f"gives {_code(new)} no more"
        case "operation_input_shape_renamed":
            return f"takes {_code(new)}, was {_code(old)}"
        case "member_type_changed" | "member_shape_renamed":
            return f"now {_code(new)}, was {_code(old)}"
        case "min_changed" | "max_changed":
            return f"{kind[:3]} now {_limit(new)}, was {_limit(old)}"
        case "pattern_changed":
            return "pattern introduced" if old is None else "pattern dropped" if new is None else "pattern changed"
        case "member_trait_changed" | "trait_changed":
            return f"{value} now {_limit(new)}, was {_limit(old)}"
        case "error_added" | "error_removed":
            return f"error {_code(finding.get('error'))} {kind.removeprefix('error_')}"
        case _:
            return _PHRASES.get(kind, kind.replace("_", " "))


def _limit(value: object) -> str:
    return "none" if value is None else _code(value)


def _gathered(lines: dict[str, str]) -> list[str]:
    """`A`, `B`: text, for all that have the same text."""
    subjects: defaultdict[str, list[str]] = defaultdict(list)
    for subject, text in sorted(lines.items()):
        subjects[text].append(subject)
    return [f"{_listed(names)}: {text}" for text, names in subjects.items()]


def _listed(names: Sequence[str]) -> str:
    # Show the last one rather than "1 more".
    shown = names if len(names) <= _SHOWN + 1 else names[:_SHOWN]
    more = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
    return ", ".join(map(_code, shown)) + more


def _code(text: object) -> str:
    return f"`{text}`"


def _wrapped(text: str, bullet: str = "") -> str:
    lines = textwrap.wrap(
        text, _WIDTH, initial_indent=bullet, subsequent_indent=" " * len(bullet),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return "\n".join(lines)
