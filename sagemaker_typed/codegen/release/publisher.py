"""`make publisher REPOSITORY=https://github.com/acme/sagemaker-typed`: writes the publisher's address wherever it stands.

pyproject.toml has it for packages, whose README's links are made of it at the build, and CITATION.cff for citations;
CODEOWNERS names a team of the address's owner.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[3]
PROJECT, CITATION, OWNERS = "pyproject.toml", "CITATION.cff", ".github/CODEOWNERS"

_RESERVED = re.compile(r"(.*\.)?(example(\.(com|net|org))?|test|invalid|localhost)")
"""Host names that nobody owns (RFC 2606 and 6761)."""
_ADDRESS = re.compile(r"https://[\w.-]+/(?P<owner>[\w-]+)/[\w.-]+")
_PLACES = {
    PROJECT: re.compile(r'(?<=^Repository = ")[^"]*', re.MULTILINE),
    CITATION: re.compile(r"(?<=^repository-code: ).*", re.MULTILINE),
}
_TEAM = re.compile(r"@[\w/-]+")


class PublisherError(Exception):
    """The address is none that a package can be published from, or a file has no place for it."""


def files(root: Path = ROOT) -> dict[str, str]:
    """The files that name the publisher, by path."""
    return {path: (root / path).read_text(encoding="utf-8") for path in (PROJECT, CITATION, OWNERS)}


def repository(texts: Mapping[str, str]) -> str:
    """The address in pyproject.toml, from which the others are written."""
    return str(tomllib.loads(texts[PROJECT])["project"]["urls"]["Repository"])


def owner_of(address: str) -> str:
    """Return `acme` of `https://github.com/acme/sagemaker-typed`.

    Raises `PublisherError` for an address in another form, and for a placeholder.
    """
    found = _ADDRESS.fullmatch(address)
    if _RESERVED.fullmatch(urlsplit(address).hostname or ""):
        raise PublisherError(f"{address} is a placeholder: run `make publisher REPOSITORY=https://github.com/...`")
    if found is None:
        raise PublisherError(f"{address!r} is no address like https://github.com/acme/sagemaker-typed")
    return found["owner"]


def written(texts: Mapping[str, str], address: str, team: str | None = None) -> dict[str, str]:
    """Return the files with another publisher. `team` is whom CODEOWNERS asks, the owner's maintainers by default.

    Raises `PublisherError` where a file has no place for the address.
    """
    asked = team or f"@{owner_of(address)}/maintainers"
    new = {**texts, PROJECT: texts[PROJECT].replace(f'"{repository(texts)}/', f'"{address}/')}
    for path, place in {**_PLACES, OWNERS: _TEAM}.items():
        new[path], count = place.subn(asked if path == OWNERS else address, new[path])
        if not count or (path != OWNERS and count > 1):
            raise PublisherError(f"{path} must name the publisher {'at least ' if path == OWNERS else ''}once")
    return new


def problems(texts: Mapping[str, str]) -> list[str]:
    """What is not the publisher's yet, or not the same everywhere."""
    address = repository(texts)
    try:
        owner = owner_of(address)
    except PublisherError as error:
        return [f"{PROJECT}: {error}"]
    found: list[str] = []
    cited = _PLACES[CITATION].search(texts[CITATION])
    if cited is None or cited[0] != address:
        found.append(f"{CITATION} does not name {address}: run `make publisher REPOSITORY={address}`")
    teams = sorted(set(_TEAM.findall(texts[OWNERS])))
    if strange := [each for each in teams if each.partition("/")[0] != f"@{owner}"]:
        found.append(f"{OWNERS} asks {', '.join(strange)}, which {owner} does not own: run `make publisher`")
    return found


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="make publisher", description=__doc__)
    parser.add_argument("repository", nargs="?", default="", help="the address of the repository")
    parser.add_argument("--team", help="whom CODEOWNERS asks, such as @ada; the owner's maintainers by default")
    given = parser.parse_args(arguments)
    texts = files(root)
    try:
        new = written(texts, given.repository or repository(texts), given.team)
    except PublisherError as error:
        print(error, file=sys.stderr)
        return 1
    for path, text in new.items():
        if text != texts[path]:
            (root / path).write_text(text, encoding="utf-8", newline="\n")
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
