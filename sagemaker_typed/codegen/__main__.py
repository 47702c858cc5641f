"""`python -m sagemaker_typed.codegen [--check] [--propose] [--out FOLDER]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from . import keeping, kept
from .build import build
from .coverage import lacking
from .guesses import Guess
from .homes import record as recorded
from .lines import located
from .overlay import FOLDER, Overlay, SiblingList
from .plan import Plan
from .problems import Unsettled
from .proposals import write_answers, write_drafts, write_services
from .read import Json, available, read_installed
from .release.versions import module_version
from .stale import not_there, stale
from .targets import MAIN, Target, undecided, unwritten
from .write import PACKAGE, Planned, differences, render_all, write

_RECORD = FOLDER / "homes.toml"
_NOTHING: Json = {"shapes": {}, "operations": {}}
"""The model of a service that the library did not have yet."""


def main(argv: list[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    installed, siblings = available(), SiblingList.load()
    if args.check and (other := _other_version()):
        print(f"generated from botocore {other[0]}, but {other[1]} is installed", file=sys.stderr)
        return 2
    if args.propose:
        _propose()
    complaints = undecided(installed, {*siblings.generated, *siblings.without}) + unwritten(siblings.unwritten())
    # `--out` is for other versions of botocore, which may lack elements in the overlay.
    exact = args.check or args.out is None
    if exact:
        complaints += not_there(siblings, installed)
    notes: list[str] = []
    services: list[Planned] = []
    for target in (MAIN, *siblings.targets()):
        if target.service in installed:
            planned = _planned(target, complaints, notes, exact=exact)
            services += [planned] if planned else []
    if not complaints:
        return _compare(services) if args.check else _write(services, args.out, notes)
    print("\n".join(map(located, complaints)), file=sys.stderr)
    return 1


def _propose() -> None:
    """Write into the overlay what AWS took back, and a guess for each question that has one."""
    installed = available()
    _tell(write_services(installed))
    for target in (MAIN, *SiblingList.load().targets()):
        before = keeping.bundled(PACKAGE, target.service)
        if target.service in installed and before is not None:
            _tell(keeping.keep(before, read_installed(target.service), target, PACKAGE.parent))
    targets = [each for each in (MAIN, *SiblingList.load().targets()) if each.service in installed]
    for target in targets:
        _tell(write_answers(target))
    for target in targets:
        _tell(write_drafts(keeping.bundled(PACKAGE, target.service) or _NOTHING, target))


def _tell(proposed: Iterable[Guess]) -> None:
    for part in (part for each in proposed for part in each.parts()):
        table = f" [{'.'.join(part.table)}]" if part.table else ""
        print(f"proposed: overlay/{part.file}.toml:{table} {', '.join(part.lines)} ({part.reason})")


def _version() -> str:
    """The version of the library."""
    return str(module_version((PACKAGE / "_core" / "version.py").read_text(encoding="utf-8")))


def _planned(target: Target, complaints: list[str], notes: list[str], *, exact: bool) -> Planned | None:
    """Plan one service, and add its missing decisions to the complaints."""
    installed, own = read_installed(target.service), Overlay.of(target)
    if exact and (done := kept.complaints(own.kept, own.parts, installed, _version(), target)):
        complaints += done  # what else there is to say hangs on them
        return None
    model = kept.restored(installed, own.kept, own.parts)
    overlay = own.reading(Overlay.load()) if target.overlay else own
    settled: Plan | None = None
    try:
        settled = build(model, overlay, target, notes=notes)
        if target is MAIN and (lacks := lacking(settled)):
            notes.append(lacks)
    except Unsettled as error:
        complaints += str(error).splitlines()
    if exact:
        complaints += stale(model, own, target)
    return None if settled is None else Planned(settled, model, overlay)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sagemaker_typed.codegen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    parser.add_argument(
        "--propose", action="store_true", help="write guesses at what is undecided into the overlay first"
    )
    parser.add_argument("--out", type=Path, help="write below this folder instead of the package")
    return parser


def _other_version() -> tuple[str, str] | None:
    """Return the botocore that the package was generated from, and the installed one if it differs."""
    installed = read_installed().version
    stamp = PACKAGE / "model" / "botocore-version"
    stamped = stamp.read_text().strip() if stamp.exists() else installed
    return None if stamped == installed else (stamped, installed)


def _record(services: list[Planned]) -> str:
    """Return the text of the record of homes."""
    main = services[0]
    return recorded(main.plan.homes, main.overlay.homes)


def _compare(services: list[Planned]) -> int:
    changed = differences(render_all(services), PACKAGE)
    if _RECORD.read_text(encoding="utf-8") != _record(services):
        changed.append(str(_RECORD.relative_to(PACKAGE)))
    for path in changed:
        print(f"not current: {path}", file=sys.stderr)
    return 1 if changed else 0


def _write(services: list[Planned], out: Path | None, notes: list[str]) -> int:
    files = render_all(services)
    for note in notes:
        print(f"note: {note}")
    write(files, out or PACKAGE)
    if out is None:
        _RECORD.write_text(_record(services), encoding="utf-8", newline="\n")
    count = sum(len(each.plan.operations) for each in services)
    print(
        f"{len(files)} files from botocore {services[0].model.version}: {count} operations of {len(services)} services"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
