"""Reads who imports whom in a package: its modules are the nodes of a graph, its imports the edges.

An import counts wherever it stands: at the top, in a function, under `TYPE_CHECKING`. Dynamic ones count too: the name that
`import_module` is given, also when an f-string makes it, and the modules that a lazy front door (`attach`) leads to.
Python imports `a` before `a.b`; that counts as an import of `a.b` alone, since every module would depend on its front door.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_ANYTHING = ".+"
_IMPORTERS = frozenset({"import_module", "__import__", "resolve_name", "run_module"})


@dataclass(frozen=True)
class Import:
    """One module's mention of another."""

    source: str
    target: str
    dynamic: bool


class House:
    """A package: its modules by their dotted names without the package's own, "" for its `__init__`."""

    def __init__(self, root: Path) -> None:
        self.name = root.name
        self.paths = {
            _dotted(path.relative_to(root)): path
            for path in sorted(root.rglob("*.py"))
            if "__pycache__" not in path.parts
        }
        self.open: set[str] = set()
        """The modules that import something whose name is known at run time only."""
        self.imports = frozenset(found for module in self.paths for found in self._imports(module))

    @cached_property
    def pieces(self) -> dict[str, frozenset[str]]:
        """Each piece of the house (a folder or module at the top), with the pieces that it imports beside itself."""
        found: dict[str, set[str]] = {piece(module): set() for module in self.paths}
        for each in self.imports:
            found[piece(each.source)].add(piece(each.target))
        return {name: frozenset(targets - {name}) for name, targets in found.items()}

    def circles(
        self, *, dynamic: bool = True, without: Collection[tuple[str, str]] = frozenset()
    ) -> list[frozenset[str]]:
        """The modules that reach each other; `dynamic`: by dynamic imports too, `without`: though not by these."""
        graph: dict[str, set[str]] = {module: set() for module in self.paths}
        for each in self.imports:
            if (dynamic or not each.dynamic) and (each.source, each.target) not in without:
                graph[each.source].add(each.target)
        return circles(graph)

    # --- reading ------------------------------------------------------------------------------------------------------

    def _imports(self, module: str) -> Iterator[Import]:
        tree = ast.parse(self.paths[module].read_text(encoding="utf-8"))
        reader = _Names(self._package_of(module), self._full(module), tree)
        for node in ast.walk(tree):
            match node:
                case ast.Import():
                    found = {name for alias in node.names if (name := self._known(alias.name)) is not None}
                case ast.ImportFrom():
                    found = set(self._from(node, reader.package))
                case ast.Call():
                    called = set(self._called(module, node, reader))
                    yield from (Import(module, target, True) for target in called - {module})
                    continue
                case _:
                    continue
            yield from (Import(module, target, False) for target in found - {module})

    def _from(self, node: ast.ImportFrom, package: str) -> Iterator[str]:
        base = _absolute("." * node.level + (node.module or ""), package)
        for alias in node.names:
            # `from package import errors` names a module; `from package.errors import X` names one of its classes.
            known = self._known(f"{base}.{alias.name}")
            known = self._known(base) if known is None else known
            if known is not None:
                yield known

    def _called(self, module: str, node: ast.Call, reader: _Names) -> Iterator[str]:
        name = reader.called(node)
        if name == "attach":
            yield from self._attached(node, reader)
        elif name in _IMPORTERS and node.args:
            pattern = reader.pattern(node.args[0])
            if pattern.startswith(_ANYTHING):
                self.open.add(module)
            else:
                yield from self._fitting(pattern)

    def _attached(self, node: ast.Call, reader: _Names) -> Iterator[str]:
        """The modules that a lazy front door leads to."""
        package = reader.pattern(node.args[0])
        if len(node.args) == 1:
            yield from self._fitting(rf"{package}\.{_ANYTHING}")
            return
        for name, home in ast.literal_eval(node.args[1]).items():
            yield from self._fitting(rf"{package}\.{re.escape(home or name)}")

    def _fitting(self, pattern: str) -> Iterator[str]:
        fits = re.compile(pattern)
        return (module for module in self.paths if fits.fullmatch(self._full(module)))

    def _full(self, module: str) -> str:
        return f"{self.name}.{module}" if module else self.name

    def _known(self, full: str) -> str | None:
        """The module of that full name, if the package has one."""
        top, _, module = full.partition(".")
        return module if top == self.name and module in self.paths else None

    def _package_of(self, module: str) -> str:
        full = self._full(module)
        return full if self.paths[module].name == "__init__.py" else full.rpartition(".")[0]


class _Names:
    """Reads the names that a module's dynamic imports are given, as regular expressions."""

    def __init__(self, package: str, name: str, tree: ast.Module) -> None:
        self.package = package
        self._values: dict[str, ast.expr] = {"__package__": ast.Constant(package), "__name__": ast.Constant(name)}
        self._importers: dict[str, str] = {}
        for node in tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=constant)], value=value):
                    self._values[constant] = value
                case ast.AnnAssign(target=ast.Name(id=constant), value=ast.expr() as value):
                    self._values[constant] = value
                case _:
                    pass
        for each in ast.walk(tree):
            if isinstance(each, ast.ImportFrom):
                self._importers |= {alias.asname: alias.name for alias in each.names if alias.asname}

    def called(self, node: ast.Call) -> str:
        """The name of the function that is called, by its own name where the module imports it under another."""
        match node.func:
            case ast.Name(id=name):
                return self._importers.get(name, name)
            case ast.Attribute(attr=name):
                return name
            case _:
                return ""

    def pattern(self, node: ast.expr) -> str:
        """What `node` can be when the program runs; `.+` for a piece that only the run tells."""
        text = self._pattern(node)
        # `import_module(".lazy", __package__)`
        return re.escape(_absolute(re.sub(r"\\(.)", r"\1", text), self.package)) if text.startswith(r"\.") else text

    def _pattern(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=str(text)):
                return re.escape(text)
            case ast.Name(id=name) if name in self._values:
                return self._pattern(self._values[name])
            case ast.JoinedStr(values=parts):
                return "".join(map(self._pattern, parts))
            case ast.FormattedValue(value=value):
                return self._pattern(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._pattern(left) + self._pattern(right)
            case _:
                return _ANYTHING


def piece(module: str) -> str:
    """The folder or module at the top of the package that a module belongs to."""
    return module.partition(".")[0] or "__init__"


def circles(graph: Mapping[str, Iterable[str]]) -> list[frozenset[str]]:
    """The groups of two or more nodes that all reach each other."""
    reach = {node: _reached(graph, node) for node in graph}
    found = {frozenset({node, *(other for other in reach[node] if node in reach[other])}) for node in graph}
    return sorted((group for group in found if len(group) > 1), key=sorted)


def _reached(graph: Mapping[str, Iterable[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = list(graph[start])
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(graph[node])
    return seen


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _absolute(name: str, package: str) -> str:
    dots = len(name) - len(name.lstrip("."))
    if not dots:
        return name
    above = package.split(".")
    return ".".join([*above[: len(above) - dots + 1], *filter(None, [name[dots:]])])
