"""`python .ci/group.py GROUP...`: the requirements of dependency groups of pyproject.toml, a line each.

pip installs groups since 25.1, and the pip of a fresh Python may be older.
"""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
OWN = ("cli", "testing", "async", "migrate", "changes")
"""The extras that developers need too."""


def of_group(groups: dict[str, list[str | dict[str, str]]], name: str) -> Iterator[str]:
    """A group's requirements, with those of the groups that it includes."""
    for each in groups[name]:
        if isinstance(each, dict):
            yield from of_group(groups, each["include-group"])
        else:
            yield each


def main() -> None:
    """Print them."""
    document = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    extras = document["project"]["optional-dependencies"]
    lines = [line for name in sys.argv[1:] for line in of_group(document["dependency-groups"], name)]
    print("\n".join([*lines, *(line for extra in OWN for line in extras[extra])]))


if __name__ == "__main__":
    main()
