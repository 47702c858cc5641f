"""Renders a plan, and writes it or compares it with the existing files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .names import Namer
from .overlay import Overlay
from .plan import Plan
from .problems import Problems
from .read import BotocoreModel
from .render_model import model_files
from .render_resources import ASYNC, SYNC, ResourcesRenderer, siblings
from .render_types import METHODS, TypesRenderer
from .runs import render_runs
from .searches import render_fields
from .stubs import group_stub, stub
from .text import header

PACKAGE = Path(__file__).parent.parent
FOLDERS = ("types", "resources", "services", "model")
_CONFIG = PACKAGE.parent / "pyproject.toml"


class Planned(NamedTuple):
    """One service, planned."""

    plan: Plan
    model: BotocoreModel
    overlay: Overlay


def render_all(services: Sequence[Planned]) -> dict[str, str]:
    """Render SageMaker and its siblings: path below the package -> unformatted text."""
    files = {path: text for each in services for path, text in render(*each).items()}
    beside = [each.plan for each in services if each.plan.target.attribute]
    files["services/__init__.py"] = files_note("services", "The services beside SageMaker, one package each.")
    files["services/siblings.py"] = siblings(beside)
    return files


def render(plan: Plan, model: BotocoreModel, overlay: Overlay) -> dict[str, str]:
    """Render one service: path below the package -> unformatted text."""
    namer = Namer(overlay.names, Problems())
    types = TypesRenderer(plan, namer)
    resources = ResourcesRenderer(plan, types, namer)
    folder = plan.target.folder
    files = {
        f"{folder}/__init__.py": types.front(),
        f"{folder}/_index.py": types.index(),
        f"{folder}/_service.py": types.service(model),
    }
    for module in plan.modules:
        path = f"{folder}/{module.name.replace('.', '/')}.py"
        files[path] = types.module(module)
        if (short := stub(path, files[path], types.constructors(module))) is not None:
            files[f"{path}i"] = short
    files |= _flat(plan, resources) if plan.target.attribute else _grouped(plan, resources)
    for path, text in list(files.items()):
        if path.endswith(".py") and f"{path}i" not in files and (short := stub(path, text)) is not None:
            files[f"{path}i"] = short
    files |= {f"model/{path}": text for path, text in model_files(model).items()}
    if not plan.target.attribute:
        files["model/botocore-version"] = f"{model.version}\n"
    return files


def _flat(plan: Plan, resources: ResourcesRenderer) -> dict[str, str]:
    """Render the operations as methods of one class."""
    (group,) = plan.groups
    folder = plan.target.folder
    return _with_stub(f"{folder}/{METHODS}.py", resources.group(group))


def _with_stub(path: str, text: str) -> dict[str, str]:
    """The module of a group, and its stub."""
    return {path: text, f"{path}i": group_stub(text)}


def _grouped(plan: Plan, resources: ResourcesRenderer) -> dict[str, str]:
    """Render the operations as methods of a class for each resource."""
    files: dict[str, str] = {}
    files["types/shared/__init__.py"] = files_note("homes", "Types that several resources use, one module each.")
    files["resources/__init__.py"] = files_note(
        "groups", "One module for each group of `SageMaker` and `AsyncSageMaker`."
    )
    for group in plan.groups:
        files |= _with_stub(f"resources/{group.name}.py", resources.group(group))
    files["resources/groups.py"] = resources.groups(SYNC)
    files["resources/api.py"] = resources.api(SYNC)
    files["resources/aio/__init__.py"] = files_note(
        "groups", "What `AsyncSageMaker` has beside the groups: their properties, and the flat methods."
    )
    files["resources/aio/groups.py"] = resources.groups(ASYNC)
    files["resources/aio/api.py"] = resources.api(ASYNC)
    files["resources/waitable.py"] = resources.waiters.index(plan)
    if plan.searches:
        files["resources/fields.py"] = render_fields(plan.searches, plan.structures)
    files["resources/runs.py"] = render_runs(plan.runs)
    return files


def files_note(overlay: str, text: str) -> str:
    return f'{header(overlay)}"""{text}"""\n'


def write(files: dict[str, str], package: Path) -> None:
    """Replace the generated folders below `package`, formatted."""
    for folder in FOLDERS:
        shutil.rmtree(package / folder, ignore_errors=True)
    for path, text in files.items():
        target = package / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    _format(package)


def _format(package: Path) -> None:
    folders = [str(package / folder) for folder in FOLDERS if folder != "model" and (package / folder).is_dir()]
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--config", str(_CONFIG), "--quiet", "--no-cache"]
    for command in (["check", "--fix", "--select", "I"], ["format"]):
        subprocess.run([*ruff, *command, *options, *folders], check=True)


def differences(files: dict[str, str], package: Path) -> list[str]:
    """Return the paths below `package` that generating would change, add or remove."""
    with tempfile.TemporaryDirectory() as scratch:
        # The folder has the same name, so that import sorting recognizes the first-party package.
        fresh = Path(scratch) / PACKAGE.name
        fresh.mkdir()
        write(files, fresh)
        new, old = _contents(fresh), _contents(package)
    return sorted(path for path in new.keys() | old.keys() if new.get(path) != old.get(path))


def _contents(package: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(package)): path.read_bytes()
        for folder in FOLDERS
        for path in (package / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
