"""`python -m sagemaker_typed.codegen [--check] [--out FOLDER]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .build import build
from .homes import record as recorded
from .lines import located
from .overlay import FOLDER, Overlay
from .problems import Unsettled
from .read import read_installed
from .stale import stale
from .write import PACKAGE, differences, render, write


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sagemaker_typed.codegen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    parser.add_argument("--out", type=Path, help="write below this folder instead of the package")
    args = parser.parse_args(argv)

    model = read_installed()
    overlay = Overlay.load()
    record = FOLDER / "homes.toml"
    stamp = PACKAGE / "model" / "botocore-version"
    if args.check and stamp.exists() and stamp.read_text().strip() != model.version:
        print(f"generated from botocore {stamp.read_text().strip()}, but {model.version} is installed", file=sys.stderr)
        return 2
    # Another model, which is what `--out` is for, need not have all that the overlay names.
    complaints = stale(model, overlay) if args.check or args.out is None else []
    notes: list[str] = []
    try:
        plan = build(model, overlay, notes=notes)
    except Unsettled as error:
        print("\n".join(map(located, [*str(error).splitlines(), *complaints])), file=sys.stderr)
        return 1
    if complaints:
        print("\n".join(map(located, complaints)), file=sys.stderr)
        return 1
    files = render(plan, model, overlay)
    homes = recorded(plan.homes, overlay.homes)
    if args.check:
        changed = differences(files, PACKAGE)
        if record.read_text(encoding="utf-8") != homes:
            changed.append(str(record.relative_to(PACKAGE)))
        for path in changed:
            print(f"not current: {path}", file=sys.stderr)
        return 1 if changed else 0
    for note in notes:
        print(f"note: {note}")
    write(files, args.out or PACKAGE)
    if args.out is None:
        record.write_text(homes, encoding="utf-8", newline="\n")
    print(f"{len(files)} files from botocore {model.version}: {len(plan.operations)} operations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
