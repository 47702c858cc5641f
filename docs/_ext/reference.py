"""Writes the reference of groups, operations, types and enums as Markdown, before Sphinx reads the sources.

The generator's plan lists the contents. Signatures and docstrings come from the generated methods, so that the site shows what
an editor shows. Unchanged pages are not written again, so that a second build is quick.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagemaker_typed import errors
from sagemaker_typed.codegen.build import build
from sagemaker_typed.codegen.overlay import Overlay, SiblingList
from sagemaker_typed.codegen.plan import (
    OUTCOMES,
    EnumPlan,
    Field,
    GroupPlan,
    Module,
    OperationPlan,
    Plan,
    StructurePlan,
    Type,
    WaiterPlan,
)
from sagemaker_typed.codegen.read import read_installed
from sagemaker_typed.codegen.targets import Target
from sagemaker_typed.codegen.text import annotation, bounds, quote, unit
from sagemaker_typed.resources.groups import Groups

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "reference/generated"
TYPES = "sagemaker_typed.types"
SERVICES = "sagemaker_typed.services."
_IMPORTED = f"Import the types from `{TYPES}`."
_CLIENT_MODULE = "search"
_SHOWN_USERS = 6
_PUBLIC = tuple(
    f"sagemaker_typed.{name}" for name in ("client", "errors", "paging", "streams", "waiting", "structure", "enums")
)
_ELSEWHERE = {
    "Pages": "sagemaker_typed.paging.Pages",
    **{name: f"sagemaker_typed.streams.{name}" for name in ("EventStream", "StreamedBody")},
    **{name: f"sagemaker_typed.waiting.{name}" for name in ("BatchEvent", "WaitEvent", "WaitReport")},
}


class Reference:
    """The pages for one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.types_package = plan.target.package
        self.operations = {operation.name: operation for operation in plan.operations}
        self.modules = {module.name: module for module in plan.modules}
        self.shared: defaultdict[str, list[Module]] = defaultdict(list)
        for name, module in self.modules.items():
            if name.startswith("shared."):
                self.shared[name.removeprefix("shared.")[0]].append(module)

    def pages(self) -> dict[str, str]:
        """Path below the folder -> Markdown."""
        pages: dict[str, str] = {}
        for group in self.plan.groups:
            pages |= _divided(f"groups/{group.name}", group.name, self.group(group))
        for letter in sorted(self.shared):
            pages |= _divided(f"shared/{letter}", f"Shared types: {letter.upper()}", self.shared_types(letter))
        pages["client.md"] = self.client()
        own = {group.name for group in self.plan.groups} | {_CLIENT_MODULE}
        others = [name for name in self.modules if name not in own and not name.startswith("shared.")]
        for name in others:
            pages |= _divided(f"types/{name}", name.replace("_", " ").capitalize(), self.other_types(name))
        pages["groups.md"] = self.group_index()
        pages["operations.md"] = self.operation_index()
        pages |= self.structure_index(others)
        pages["enums.md"] = self.enum_index()
        pages["waiters.md"] = self.waiters()
        return pages

    # --- a group ------------------------------------------------------------------------------------------------------

    def group(self, group: GroupPlan) -> list[str]:
        by_verb = {operation.verb: operation for operation in group.operations}
        parts = [f"# {group.name}", _IMPORTED, self._head(), "## Methods"]
        parts += [
            self._method(f"sm.{group.name}", name, method, by_verb.get(name))
            for name, method in _methods(group).items()
        ]
        return [*parts, *self._types([self.modules[group.name]] if group.name in self.modules else [])]

    def client(self) -> str:
        parts = [
            "# Methods of `sm` itself",
            f"These methods belong to no resource. {_IMPORTED}",
            self._head(),
            "## Methods",
        ]
        for operation in sorted(self.plan.client_operations, key=lambda operation: operation.verb):
            method = vars(Groups)[operation.verb]
            parts.append(self._method("sm", operation.verb, method, operation))
        parts += self._types([self.modules[_CLIENT_MODULE]] if _CLIENT_MODULE in self.modules else [])
        return _page(parts)

    def _head(self) -> str:
        return f"```{{py:currentmodule}} {self.types_package}\n```"

    def _method(self, owner: str, name: str, method: Callable[..., Any], operation: OperationPlan | None) -> str:
        paragraphs = [self._linked(text) for text in markdown((inspect.getdoc(method) or "").split("\n\n"))]
        if operation is not None and not self.plan.target.attribute:
            paragraphs[-1] += f"; also `sm.api.{operation.method}`."
        return _directive("py:method", f"{owner}.{name}{_signature(method)}", paragraphs, ":module:")

    def _linked(self, text: str) -> str:
        """Return a paragraph of a docstring, with links for the names that have a target."""
        page = re.fullmatch(r"https://\S+/(?:API_)?(\w+)(?:\.html)?", text)
        if page:
            return f"[{page[1]} in the AWS API reference]({page[0]})"
        return re.sub(r"`(\w+)`", lambda match: self._name(match[1]), text)

    def _name(self, name: str) -> str:
        if name in self.plan.homes:
            return f"{{py:class}}`~{self.types_package}.{name}`"
        if name in errors.__all__:
            return f"{{py:exc}}`~sagemaker_typed.errors.{name}`"
        return f"{{py:class}}`~{_ELSEWHERE[name]}`" if name in _ELSEWHERE else f"`{name}`"

    def _link(self, operation: OperationPlan, text: str | None = None) -> str:
        path = _path(operation)
        return f"{{py:meth}}`{text} <sm.{path}>`" if text else f"{{py:meth}}`sm.{path}`"

    # --- types --------------------------------------------------------------------------------------------------------

    def shared_types(self, letter: str) -> list[str]:
        text = f"Several resources use these types. {_IMPORTED}"
        return [f"# Shared types: {letter.upper()}", text, self._head(), *self._types(self.shared[letter])]

    def other_types(self, module: str) -> list[str]:
        title = module.replace("_", " ").capitalize()
        return [f"# {title}", self._head(), *self._types([self.modules[module]])]

    def _types(self, modules: Iterable[Module]) -> Iterator[str]:
        structures = [structure for module in modules for structure in module.structures]
        enums = [enum for module in modules for enum in module.enums]
        messages = [structure for structure in structures if structure.role != "plain"]
        plain = [structure for structure in structures if structure.role == "plain"]
        for title, shapes in (("Requests and responses", messages), ("Structures", plain)):
            if shapes:
                yield f"## {title}"
                yield from (self._structure(structure) for structure in shapes)
        if enums:
            yield "## Enums"
            yield from (self._enum(enum) for enum in enums)

    def _structure(self, structure: StructurePlan) -> str:
        operation = self.operations.get(structure.operation or "")
        shape = self.plan.renamed.get(structure.name, structure.name)
        page = self.plan.target.documentation.format(structure.operation if operation else shape)
        if operation and structure.role == "request":
            facts = [f"The request of {self._link(operation)}."]
        elif operation:
            facts = [f"The response of {self._link(operation)}."]
        else:
            facts = [self._users(structure.used_by)] if structure.used_by else []
        if structure.union:
            facts.append("A union: exactly one member is set.")
        if structure.used_by:  # the bodies of errors have no page
            facts.append(f"[AWS API reference]({page})")
        rows = [self._field(field) for field in structure.fields]
        table = _table(("Field", "Type", "Meaning"), rows) if rows else "No fields."
        # Requests and responses come right after their methods, so the page's contents leave them out.
        option = "" if structure.role == "plain" else ":no-contents-entry:"
        return _directive(
            "py:class", structure.name, [self._linked(structure.words or ""), " ".join(facts), table], option
        )

    def _field(self, field: Field) -> tuple[str, str, str]:
        measure = unit(field.name)
        flags = {
            "UTC": field.type.kind == "timestamp",
            "a JSON string": field.type.kind == "json",
            "by default a new UUID": field.token,
            "sensitive": bool(field.type.rule and field.type.rule.sensitive),
            "a plain mapping works too": bool(field.type.from_mapping),
            "deprecated": field.deprecated,
        }
        rules = [bounds(field.type), _each(field.type), f"in {measure}" if measure else ""]
        if field.required:
            rules.insert(0, "the service may omit it" if field.optional else "**required**")
        rules = [*filter(None, rules), *(words for words, holds in flags.items() if holds)]
        for type_, words in ((field.type, "pattern"), (field.type.item, "pattern of each")):
            if type_ and type_.rule and type_.rule.pattern is not None:
                rules.append(f"{words} {code(type_.rule.pattern)}")
        meaning = "<br>".join(filter(None, [self._linked(_cell(field.words)), "; ".join(rules)]))
        return f"`{field.name}` <br>{field.wire}", self._type(field), meaning

    def _type(self, field: Field) -> str:
        text = annotation(field.type)
        classes = field.type.classes()
        if not classes:
            return f"`{text}`"
        # One link a cell: to what a mapping holds, not to its keys.
        held = field.type.item.classes() if field.type.item else classes
        target = min(held or classes)
        return f"{{py:class}}`{text} <{self.types_package}.{target}>`" if text != target else f"{{py:class}}`{text}`"

    def _enum(self, enum: EnumPlan) -> str:
        users = self._users(enum.used_by) if enum.used_by else ""
        if enum.meanings:
            rows = [
                (
                    f"`{name}`" + (f" <br>{code(quote(text))}" if text != name else ""),
                    self._linked(_cell(enum.meanings.get(text))),
                )
                for text, name in enum.members.items()
            ]
            members = _table(("Member", "Meaning"), rows)
        else:
            lines = [f"- `{name}` {code(quote(text))}" for text, name in enum.members.items()]
            members = "{.members}\n" + "\n".join(lines)
        return _directive("py:class", enum.name, [self._linked(enum.words or ""), users, members])

    def _users(self, names: tuple[str, ...]) -> str:
        shown = [self._link(self.operations[name]) for name in names[:_SHOWN_USERS]]
        rest = len(names) - len(shown)
        return f"Used by {', '.join(shown)}{f' and {rest} more' if rest else ''}."

    # --- indexes ------------------------------------------------------------------------------------------------------

    def group_index(self) -> str:
        rows: list[tuple[str, str]] = []
        for group in self.plan.groups:
            links = [f"{{py:meth}}`{name} <sm.{group.name}.{name}>`" for name in _methods(group)]
            rows.append((f"[{group.name}](groups/{group.name}.md)", " ".join(links)))
        return _page(
            [
                "# Groups",
                f"Each of the {len(rows)} groups is an attribute of {{py:class}}`~sagemaker_typed.client.SageMaker`: "
                "`sm.compilation_jobs`, `sm.endpoints`, ... Methods that belong to no resource are on "
                "[`sm` itself](client.md).",
                _table(("Group", "Methods"), rows),
                _toctree([f"groups/{group.name}" for group in self.plan.groups]),
            ]
        )

    def operation_index(self) -> str:
        rows = [
            (f"{operation.name}", self._link(operation, _path(operation)), f"`{operation.method}`")
            for operation in self.plan.operations
        ]
        return _page(
            [
                "# Operations",
                f"All {len(rows)} operations of the service. Each is a method on `sm`, and has a flat name on `sm.api`.",
                _table(("Operation", "`sm.`", "`sm.api.`"), rows),
            ],
            hide_toc=True,
        )

    def structure_index(self, others: Iterable[str]) -> dict[str, str]:
        names = sorted(structure.name for module in self.plan.modules for structure in module.structures)
        letters: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            letters[name[0]].append(name)
        pages: dict[str, str] = {}
        for letter, listed in letters.items():
            items = "{.names}\n" + "\n".join(f"- {{py:class}}`{name}`" for name in listed)
            pages[f"structures/{letter.lower()}.md"] = _page(
                [f"# Structures: {letter}", self._head(), items], hide_toc=True
            )
        text = f"All {len(names)} requests, responses and other classes. Import them from `{TYPES}`."
        rows = [
            (f"[{letter}](structures/{letter.lower()}.md)", str(len(listed)), _few(listed, 100))
            for letter, listed in letters.items()
        ]
        below = [f"structures/{letter.lower()}" for letter in letters]
        below += [*(f"shared/{letter}" for letter in sorted(self.shared)), *(f"types/{name}" for name in others)]
        table = _table(("Letter", "Classes", "Some of them"), rows)
        pages["structures.md"] = _page(["# Structures", text, table, _toctree(below)], hide_toc=True)
        return pages

    def enum_index(self) -> str:
        enums = sorted((enum for module in self.plan.modules for enum in module.enums), key=lambda enum: enum.name)
        rows = [(f"{{py:class}}`{enum.name}`", str(len(enum.members)), _few(list(enum.members))) for enum in enums]
        text = (
            f"All {len(rows)} enums. Import them from `{TYPES}`. Each enum is "
            "{py:class}`open <sagemaker_typed.enums.OpenEnum>`: it accepts strings that this version does not know."
        )
        return _page(["# Enums", text, self._head(), _table(("Enum", "Values", "Some of them"), rows)], hide_toc=True)

    def waiters(self) -> str:
        groups = [group for group in self.plan.groups if group.waiters]
        rows = [(self._waits(group), _title_of(group)) for group in groups if group.waiters[0].status]
        gone = [waiter for group in groups for waiter in group.waiters if waiter.status is None]
        many = ", ".join(f"{{py:meth}}`{group.name} <sm.{group.name}.wait_all>`" for group in groups if group.many)
        failed, stopped = self._name("WaitFailedError"), self._name("WaitStoppedError")
        parts = [
            "# Waiters",
            "Each status of a resource has one of these meanings for a wait:",
            "- _Pending_: the wait continues.\n"
            "- _Success_: the wait returns the description.\n"
            f"- _Failure_: the resource can no longer reach the state. The wait raises {failed}.\n"
            f"- _Stopped_: the wait raises {stopped}.\n"
            "- A status that this version does not know: the wait logs it once, and continues.",
            "A wait for a deletion ends when the service answers that the resource does not exist, whatever its last "
            "status was. The wait returns the last description that it received.",
            f"`wait_all` waits on many resources by name: {many}.",
        ]
        for waits, title in rows:
            parts += [f"## {title}", waits]
        parts += [
            "## Resources without a status",
            "For these resources, you can only wait for the deletion.",
            _table(
                ("Resource", "Method", "Calls", "Timeout", "Poll"),
                [
                    (waiter.noun, self._wait_link(waiter), self._link(waiter.describe), *_times(waiter))
                    for waiter in gone
                ],
            ),
        ]
        return _page(parts)

    def _waits(self, group: GroupPlan) -> str:
        """The waits of a resource with a status."""
        head = ("Method", "Target", "Pending", "Success", "Failure", "Stopped", "Timeout", "Poll")
        rows: list[tuple[str, ...]] = []
        facts: list[str] = []
        for waiter in group.waiters:
            cells = [", ".join(code(text) for text in waiter.classes[outcome]) for outcome in OUTCOMES]
            if waiter.gone:
                cells[1] = ", ".join([cells[1], "not found"]) if cells[1] else "not found"
            if waiter.compare:
                cells[1] += f" with the requested `{waiter.compare.name}`"
            rows.append((self._wait_link(waiter), waiter.target, *cells, *_times(waiter)))
            asks = f"`{waiter.status.name}` of {self._link(waiter.describe)}" if waiter.status else ""
            if asks and asks not in facts:
                facts.append(asks)
        sentences = [f"These waits poll {' or '.join(facts)}."]
        stops = {waiter.stop.name: waiter.stop for waiter in group.waiters if waiter.stop}
        sentences += [f"With `stop_on_interrupt`, Ctrl-C calls {self._link(stop)}." for stop in stops.values()]
        if logs := group.waiters[0].log_group:
            sentences.append(f"The logs are in `{logs}`.")
        return f"{' '.join(sentences)}\n\n{_table(head, rows)}"

    def _wait_link(self, waiter: WaiterPlan) -> str:
        name = f"wait_until_{waiter.state}"
        return f"{{py:meth}}`{name} <sm.{waiter.group}.{name}>`"


class SiblingReference(Reference):
    """The page of a service beside SageMaker."""

    def _name(self, name: str) -> str:
        # The body of an error may have the name of the error.
        return f"{{py:exc}}`~sagemaker_typed.errors.{name}`" if name in errors.__all__ else super()._name(name)

    def parts(self) -> list[str]:
        target = self.plan.target
        (group,) = self.plan.groups
        by_verb = {operation.verb: operation for operation in group.operations}
        methods = _methods_of(f"{target.package}.methods", target.class_name)
        about = f"{target.words} boto3 calls this service `{target.service}`. Import its types from `{target.package}`."
        parts = [f"# {target.attribute}", about, self._head(), "## Methods"]
        parts += [
            self._method(f"sm.{target.attribute}", name, method, by_verb.get(name)) for name, method in methods.items()
        ]
        return [*parts, *self._types(self.plan.modules)]


def sibling_pages() -> dict[str, str]:
    """Path below the folder -> Markdown, for the services beside SageMaker."""
    targets = SiblingList.load().targets()
    pages: dict[str, str] = {}
    for target in targets:
        parts = SiblingReference(_planned(target)).parts()
        pages |= _divided(f"services/{target.attribute}", target.attribute, parts)
    rows = [
        (f"[{target.attribute}](services/{target.attribute}.md)", f"`{target.service}`", target.words)
        for target in targets
    ]
    pages["services.md"] = _page(
        [
            "# Data plane",
            "The services that belong to SageMaker. Each is an attribute of {py:class}`~sagemaker_typed.client.SageMaker` "
            "and of {py:class}`~sagemaker_typed.aio.AsyncSageMaker`. Its methods have boto3's names.",
            _table(("`sm.`", "In boto3", "Purpose"), rows),
            _toctree([f"services/{target.attribute}" for target in targets]),
        ]
    )
    return pages


def _planned(target: Target) -> Plan:
    return build(read_installed(target.service), Overlay.of(target).reading(Overlay.load()), target)


# --- docstrings -------------------------------------------------------------------------------------------------------


def markdown(paragraphs: Iterable[str]) -> Iterator[str]:
    """Yield the paragraphs of a docstring, with sections as lists and the example as code."""
    for text in paragraphs:
        head, _, body = text.partition("\n")
        if head in _TITLES:
            yield "\n\n".join([f"**{_TITLES[head]}**", _ITEM.sub(r"- `\1`: ", body)])
        elif head == "Returns:":
            yield f"**Returns** {body.strip().removeprefix('Pages: ')}"
        elif head == "Example::":
            continue
        else:
            yield f"```python\n{textwrap.dedent(text)}\n```" if text.startswith("    ") else text


_TITLES = {"Args:": "Arguments", "Raises:": "Raises"}
_ITEM = re.compile(r"^    (\w+): ", re.MULTILINE)


# --- pieces of Markdown -----------------------------------------------------------------------------------------------


def code(text: str) -> str:
    """Return a text as a code span that is safe in a table."""
    shown = text if text.isprintable() else repr(text)[1:-1]
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}".replace("|", r"\|")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows))


def _directive(name: str, argument: str, paragraphs: Iterable[str], option: str = "") -> str:
    body = "\n\n".join(text for text in paragraphs if text)
    head = "\n".join(line for line in (f"````{{{name}}} {argument}", option) if line)
    return f"{head}\n\n{body}\n````"


def _toctree(pages: Iterable[str]) -> str:
    return "```{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n```"


def _page(parts: Iterable[str], *, hide_toc: bool = False) -> str:
    front = "---\nhide-toc: true\n---\n\n" if hide_toc else ""
    return front + "\n\n".join(parts) + "\n"


ROOM = 40_000
"""Characters of a page. Its HTML has five times as many, plus 40 kB for the frame, and must stay below 300 kB."""


def _divided(name: str, title: str, parts: list[str]) -> dict[str, str]:
    """Return a page, divided into several if it is too long: path -> Markdown."""
    head = next(part for part in parts if part.startswith("```{py:currentmodule}"))
    pages: list[list[str]] = [[]]
    section, used = "", 0
    for part in parts:
        if used + len(part) > ROOM and not part.startswith("#") and used:
            if pages[-1][-1] == section:  # a heading moves with the text below it
                pages[-1].pop()
            pages.append([f"# {title}, page {len(pages) + 1}", head, section])
            used = 0
        section = part if part.startswith("## ") else section
        pages[-1].append(part)
        used += len(part)
    names = [name, *(f"{name}-{number}" for number in range(2, len(pages) + 1))]
    if len(pages) > 1:
        stems = [path.rpartition("/")[2] for path in names[1:]]
        more = ", ".join(f"[page {number}]({stem}.md)" for number, stem in enumerate(stems, 2))
        pages[0][1:1] = [f"Continued on {more}.", _toctree(stems)]
    return {f"{path}.md": _page(page) for path, page in zip(names, pages, strict=True)}


def _few(texts: list[str], room: int = 48) -> str:
    """Return the first texts, as many as fit on one line."""
    shown: list[str] = []
    for text in texts:
        if shown and sum(len(item) + 2 for item in shown) + len(text) > room:
            return f"{', '.join(shown)}, ..."
        shown.append(code(text))
    return ", ".join(shown)


def _cell(text: str | None) -> str:
    """Return words escaped for a table."""
    return (text or "").replace("|", r"\|")


def _each(type_: Type) -> str:
    """The bounds of each item of a list or a map."""
    limits = bounds(type_.item) if type_.item else ""
    return f"each {limits}" if limits else ""


def _title_of(group: GroupPlan) -> str:
    """Return the title of a group: `AutoML job`."""
    noun = group.waiters[0].noun
    return f"{noun[:1].upper()}{noun[1:]}"


def _times(waiter: WaiterPlan) -> tuple[str, str]:
    """Return the default timeout, and the default seconds between two polls."""
    low, high = waiter.poll
    return _duration(waiter.timeout), f"{low:g} to {high:g} s"


def _duration(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count != 1 else ''}"
    return f"{seconds:g} seconds"


def _path(operation: OperationPlan) -> str:
    return f"{operation.group}.{operation.verb}" if operation.group else operation.verb


def _methods(group: GroupPlan) -> dict[str, Callable[..., Any]]:
    """Return the public methods of a group's class, including the waits."""
    return _methods_of(f"sagemaker_typed.resources.{group.name}", group.class_name)


def _methods_of(module: str, name: str) -> dict[str, Callable[..., Any]]:
    cls = getattr(import_module(module), name)
    # Handwritten methods are in a separate base class. They come before the group's operations.
    spaces = [vars(cls), *(vars(base) for base in cls.__bases__ if base.__module__.startswith("sagemaker_typed._data"))]
    return {
        name: method
        for space in spaces
        for name, method in space.items()
        if inspect.isfunction(method) and name[0] != "_"
    }


def _signature(method: Callable[..., Any]) -> str:
    """Return a method's signature as in the source. `inspect` would put quotes around the annotations."""
    signature = inspect.signature(method)
    parts: list[str] = []
    starred = False
    for parameter in list(signature.parameters.values())[1:]:
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            parts.append("*")
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        parts.append(f"{parameter.name}: {parameter.annotation}{default}")
    return f"({', '.join(parts)}) -> {signature.return_annotation}"


# --- Sphinx -----------------------------------------------------------------------------------------------------------


def write(pages: dict[str, str], folder: Path) -> None:
    """Write the changed pages, and remove pages that no longer exist."""
    for path in sorted(folder.rglob("*.md")):
        if path.relative_to(folder).as_posix() not in pages:
            path.unlink()
    for name, text in pages.items():
        target = folder / name
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")


def installed() -> Reference:
    """The reference for the installed botocore."""
    return Reference(build(read_installed(), Overlay.load()))


def _generate(app: Sphinx) -> None:
    if app.builder.name == "doctest":
        # These pages have no examples, and reading them takes most of a build.
        app.config.exclude_patterns.append(f"{FOLDER}/**")
        app.config.suppress_warnings.append("toc.excluded")
        return
    write({**installed().pages(), **sibling_pages()}, Path(app.srcdir) / FOLDER)


def _resolve(app: Sphinx, env: Any, node: Any, text: Any) -> Any:
    """Resolve the short names that docstrings and signatures use."""
    if node.get("refdomain") != "py":
        return None
    name = str(node["reftarget"]).rpartition(".")[2]
    python = env.get_domain("py")
    # The `Literal` of an enum's values is documented with the enum.
    packages = dict.fromkeys([str(node.get("py:module") or TYPES), TYPES])
    classes = (f"{package}.{name.removesuffix('Value')}" for package in packages)
    # Groups use types of the siblings too. If the name is taken, they import it with the prefix `Found`.
    short = name.removesuffix("Value").removeprefix("Found")
    siblings = (each for each in sorted(python.objects) if each.startswith(SERVICES) and each.endswith(f".{short}"))
    # A chain: the siblings are searched last, only for names that are found nowhere else.
    for full in chain((f"{module}.{name}" for module in _PUBLIC), classes, (f"{TYPES}.{short}",), siblings):
        if full in python.objects:
            return python.resolve_xref(env, node["refdoc"], app.builder, "obj", full, node, text)
    return None


class _Sidebar:
    """Draws the sidebar from titles alone.

    Sphinx copies the whole table of contents of every page into every sidebar, and then drops everything but the titles.
    With 2,000 classes on the site, this takes a third of a build.
    """

    def __init__(self) -> None:
        self._titles: dict[str, Any] = {}

    def __call__(self, app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        if "toctree" not in context:
            return
        whole, toctree = app.env.tocs, context["toctree"]
        if self._titles.keys() != whole.keys():
            self._titles = {name: _title(toc) if f"{FOLDER}/" in name else toc for name, toc in whole.items()}

        def titles(**options: Any) -> Any:
            app.env.tocs = self._titles
            try:
                return toctree(**options)
            finally:
                app.env.tocs = whole

        context["toctree"] = titles


def _title(toc: Any) -> Any:
    """Return a table of contents without its entries, except those that lead to further pages ("Groups")."""
    light = toc.copy()
    for item in toc.children:
        entry = item.copy()
        entry.extend(child.deepcopy() for child in item.children if child.tagname != "bullet_list" or _leads_on(child))
        light.append(entry)
    return light


def _leads_on(entries: Any) -> bool:
    return any(node.tagname == "toctree" for node in entries.findall())


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    app.connect("missing-reference", _resolve)
    app.connect("html-page-context", _Sidebar(), priority=400)  # before the theme's own, which draws the sidebar
    return {"parallel_read_safe": True, "parallel_write_safe": True}
