"""`python -m sagemaker_typed.codegen [--check] [--out FOLDER]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .build import build
from .homes import record
from .overlay import FOLDER, Overlay
from .problems import Unsettled
from .read import read_installed
from .write import PACKAGE, differences, render, write


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sagemaker_typed.codegen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    parser.add_argument("--out", type=Path, help="write below this folder instead of the package")
    args = parser.parse_args(argv)

    model = read_installed()
    overlay = Overlay.load()
    stamp = PACKAGE / "model" / "botocore-version"
    if args.check and stamp.exists() and stamp.read_text().strip() != model.version:
        print(f"generated from botocore {stamp.read_text().strip()}, but {model.version} is installed", file=sys.stderr)
        return 2
    notes: list[str] = []
    try:
        plan = build(model, overlay, notes=notes)
    except Unsettled as error:
        print(error, file=sys.stderr)
        return 1
    files = render(plan, model, overlay)
    if args.check:
        changed = differences(files, PACKAGE)
        for path in changed:
            print(f"not current: {path}", file=sys.stderr)
        return 1 if changed else 0
    for note in notes:
        print(f"note: {note}")
    write(files, args.out or PACKAGE)
    if args.out is None:
        record(plan.homes, overlay.homes, FOLDER / "homes.toml")
    print(f"{len(files)} files from botocore {model.version}: {len(plan.operations)} operations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
