"""Version numbers: what is pinned, and what a version of this library is called that other models went into.

The policy, of which `docs/versions.md` tells users, from the API's changes since the last release:

| change                                              | before 1.0 | from 1.0 on |
| --------------------------------------------------- | ---------- | ----------- |
| a finding that breaks                               | minor      | major       |
| new operations, members or enums, members made optional or of another shape | minor | minor |
| new enum values, other limits, or nothing           | patch      | patch       |
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, NotRequired, Self, TypedDict

import packaging.version

PINNED = ("botocore", "boto3")
Level = Literal["major", "minor", "patch"]

# Changes in the form of the typed surface. Members made optional are read as `T | None`.
_FORM = frozenset(
    {
        "operation_added", "operation_output_added", "member_added", "required_member_added", "enum_introduced",
        "member_no_longer_required", "member_shape_renamed",
    }
)  # fmt: skip


class FindingRecord(TypedDict):
    """A finding in the output of `sagemaker-typed changes --format json`."""

    kind: str
    severity: str
    where: str
    value: NotRequired[str | None]
    old: NotRequired[Any]
    new: NotRequired[Any]
    error: NotRequired[str | None]
    until: NotRequired[str]
    """The version that no longer has it, where the API lost a name that the library keeps until then."""


class VersionError(Exception):
    """A file does not have its version or pins in the expected form."""


class Version(packaging.version.Version):
    """A version of three numbers, such as `1.44.5`."""

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            found = cls(text.strip())
        except packaging.version.InvalidVersion:
            found = None
        if found is None or str(found) != found.base_version or len(found.release) != 3:
            raise VersionError(f"{text.strip()!r} is no version like 1.44.5")
        return found

    def raised(self, level: Level) -> Version:
        """Return the next version of a level. Before 1.0, a major change raises the minor version."""
        if level == "patch":
            return Version(f"{self.major}.{self.minor}.{self.micro + 1}")
        if level == "major" and self.major:
            return Version(f"{self.major + 1}.0.0")
        return Version(f"{self.major}.{self.minor + 1}.0")


def level_of(findings: Iterable[FindingRecord]) -> Level:
    """Return the level of version change for these findings."""
    level: Level = "patch"
    for finding in findings:
        if finding["severity"] == "breaking":
            return "major"
        if finding["kind"] in _FORM:
            level = "minor"
    return level


# --- where they are written -------------------------------------------------------------------------------------------


def _pin(package: str) -> re.Pattern[str]:
    return re.compile(rf'(?<="{package}==)\d+\.\d+\.\d+(?=")')


_MODULE = re.compile(r'(?<=^__version__ = ")\d+\.\d+\.\d+(?="$)', re.MULTILINE)


def pins(pyproject: str) -> dict[str, Version]:
    """Return the versions of botocore and boto3 for generating and checking the code."""
    return {package: _found(_pin(package), pyproject, f'the pin "{package}=="') for package in PINNED}


def repinned(pyproject: str, wanted: dict[str, Version]) -> str:
    pins(pyproject)
    for package in PINNED:
        pyproject = _pin(package).sub(str(wanted[package]), pyproject)
    return pyproject


def module_version(module: str) -> Version:
    """The version of the library, which stands in `_core/version.py` alone."""
    return _found(_MODULE, module, "__version__")


def with_module_version(module: str, version: Version) -> str:
    module_version(module)
    return _MODULE.sub(str(version), module)


def _found(pattern: re.Pattern[str], text: str, what: str) -> Version:
    found = pattern.findall(text)
    if len(found) != 1:
        raise VersionError(f"{what} stands {len(found)} times where it should stand once")
    return Version.parse(found[0])
