"""`python -m sagemaker_typed.codegen [--check] [--out FOLDER]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .build import build
from .homes import record as recorded
from .lines import located
from .overlay import FOLDER, Overlay
from .plan import Plan
from .problems import Unsettled
from .read import BotocoreModel, read_installed
from .stale import stale
from .write import PACKAGE, differences, render, write

_RECORD = FOLDER / "homes.toml"


def main(argv: list[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    model = read_installed()
    overlay = Overlay.load()
    if args.check and (other := _other_version(model)):
        print(f"generated from botocore {other}, but {model.version} is installed", file=sys.stderr)
        return 2
    # Another model, which is what `--out` is for, need not have all that the overlay names.
    complaints = stale(model, overlay) if args.check or args.out is None else []
    notes: list[str] = []
    try:
        plan = build(model, overlay, notes=notes)
    except Unsettled as error:
        complaints = [*str(error).splitlines(), *complaints]
    else:
        if not complaints:
            return _compare(plan, model, overlay) if args.check else _write(plan, model, overlay, args.out, notes)
    print("\n".join(map(located, complaints)), file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sagemaker_typed.codegen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    parser.add_argument("--out", type=Path, help="write below this folder instead of the package")
    return parser


def _other_version(model: BotocoreModel) -> str | None:
    """The botocore that the package was generated from, if it is not the one that is installed."""
    stamp = PACKAGE / "model" / "botocore-version"
    stamped = stamp.read_text().strip() if stamp.exists() else model.version
    return None if stamped == model.version else stamped


def _compare(plan: Plan, model: BotocoreModel, overlay: Overlay) -> int:
    changed = differences(render(plan, model, overlay), PACKAGE)
    if _RECORD.read_text(encoding="utf-8") != recorded(plan.homes, overlay.homes):
        changed.append(str(_RECORD.relative_to(PACKAGE)))
    for path in changed:
        print(f"not current: {path}", file=sys.stderr)
    return 1 if changed else 0


def _write(plan: Plan, model: BotocoreModel, overlay: Overlay, out: Path | None, notes: list[str]) -> int:
    files = render(plan, model, overlay)
    for note in notes:
        print(f"note: {note}")
    write(files, out or PACKAGE)
    if out is None:
        _RECORD.write_text(recorded(plan.homes, overlay.homes), encoding="utf-8", newline="\n")
    print(f"{len(files)} files from botocore {model.version}: {len(plan.operations)} operations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
