"""The modules of `resources/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from . import docstrings, render_leaving
from .names import Namer
from .plan import Field, GroupPlan, OperationPlan, Plan, RunPlan, SearchPlan
from .render_types import METHODS, TypesRenderer, streams_in, used_words
from .render_waiters import WaitersRenderer
from .searches import OPERATION
from .targets import PACKAGE
from .text import annotation, docstring, header, imported, quote, value_alias

# Names that generated modules may import from `waiting`: for constants, and for annotations. A wait itself is imported
# when somebody waits, because most programs make calls only.
_OF_WAITERS = ("Batch", "Explanation", "LogStreams", "Waiter", "chosen")
_OF_WAITS = ("BatchEvent", "LogLine", "LogLines", "WaitEvent", "WaitReport")


_WHERE = "where: Condition | None = None"
_ABOUT_WHERE = "Condition that the results meet, made with `sagemaker_typed.search`; replaces `search_expression`."
_ABOUT_SORT = 'Property by which the results are sorted, or an order such as `metric("accuracy").descending()`.'
_REFUSED = ("InvalidRequestError", "The condition cannot be sent: see `Condition.to_expression`.")
_KIND_OF_SEARCH = "ResourceType"


class Flavor(NamedTuple):
    """The differences between the modules of the synchronous and the asynchronous client."""

    client: str
    prefix: str
    """Prefix of class names."""
    package: str

    @property
    def about(self) -> str:
        return f"The properties and methods of `{self.client}`:"

    @property
    def of(self) -> str:
        return f" of `{self.client}`" if self.prefix else ""

    def of_method(self, text: str) -> str:
        """A method of the client itself, in this flavor."""
        text = text.replace("self._sender.send", "self.send")
        if not self.prefix:
            return text
        if "self._pages(" in text:
            return text.replace("-> Pages[", "-> AsyncPages[")
        return text.replace("    def ", "    async def ", 1).replace("return self.send", "return await self.send")


SYNC = Flavor("SageMaker", "", f"{PACKAGE}.resources")
ASYNC = Flavor("AsyncSageMaker", "Async", f"{PACKAGE}.resources.aio")


class ResourcesRenderer:
    def __init__(self, plan: Plan, types: TypesRenderer, namer: Namer) -> None:
        self.plan = plan
        self.types = types
        self.namer = namer
        self.waiters: WaitersRenderer = WaitersRenderer(self._parameter, plan)
        self.searches: dict[str, SearchPlan] = {search.group: search for search in plan.searches}

    # --- one group ----------------------------------------------------------------------------------------------------

    def group(self, group: GroupPlan) -> str:
        methods: list[str] = []
        for operation in sorted(group.operations, key=_order):
            methods.append(self._method(operation, operation.verb))
            if operation.paging and operation.paging.describes:
                methods.append(self._pages(operation, f"{operation.verb}_pages"))
        search = self.searches.get(group.name)
        methods += [*self._more(group.name), *self.waiters.methods(group)]
        constants = self.waiters.constants(group)
        title = self._title(group)
        body = (
            f"class {group.class_name}({_bases(group)}):\n"
            + docstring([title])
            + "\n    __slots__ = ()\n\n    _service = SERVICE\n\n"
            + ("    _waiters = _MANY\n\n" if group.short_forms and len(group.many) > 1 else "")
            + "\n".join(methods)
        )
        text = "\n\n".join([*constants, body, self._async_group(group)])
        operations = [*group.operations, *([search.operation] if search else [])]
        requests = {operation.request.name for operation in operations}
        requests |= self.waiters.requests(group)
        return (
            header(self.plan.target.overlay or "groups")
            + f'"""`sm.{group.name}`."""\n\nfrom __future__ import annotations\n\n'
            + self._imports(text, operations, requests, _short_forms(group), search)
            + f"\n__all__ = [{quote(f'Async{group.class_name}')}, {quote(group.class_name)}]\n\n\n"
            + text
        )

    def _imports(
        self,
        text: str,
        operations: Iterable[OperationPlan],
        requests: Iterable[str],
        more: Iterable[str],
        search: SearchPlan | None,
    ) -> str:
        mentioned = self._mentioned(operations)
        if search is not None:
            mentioned = _by_search(mentioned, search)
            more = [*more, f"from {PACKAGE}._helpers.searching import search_request"]
        lines = [
            *imported("collections.abc", used_words(text, ("Callable", "Iterable", "Mapping", "Sequence"))),
            *imported("datetime", used_words(text, ("datetime", "timedelta"))),
            *imported(
                "typing", [*(["TYPE_CHECKING"] if mentioned else []), *used_words(text, ("Any", "Literal", "overload"))]
            ),
            *imported(f"{PACKAGE}._core.group", ["AsyncGroup", "Group"]),
            *imported(f"{PACKAGE}._core.leaving", ["deprecated"] if "@deprecated(" in text else []),
            *imported(f"{PACKAGE}.paging", used_words(text, ("Pages",))),
            *imported(PACKAGE, ["waiting"] if "waiting." in text else []),
            *imported(f"{PACKAGE}.waiting", _used(_OF_WAITERS, text)),
            *more,
            *imported(f"{self.plan.target.package}._service", ["SERVICE"]),
            *self.types.imports_of(requests),
        ]
        streams = streams_in(text)
        waits = [*imported(f"{PACKAGE}.waiting", _used(_OF_WAITS, text))]
        if mentioned:
            types = self.types.imports_of(mentioned)
            types = self._for_search(types, search) if search else types
            lines.append("if TYPE_CHECKING:")
            lines += [f"    {line}" for line in [*types, *streams, *waits]]
        return "\n".join(lines) + "\n"

    def _for_search(self, types: Iterable[str], search: SearchPlan) -> list[str]:
        """The imports of types, with those of a search."""
        shape, hit = search.member.type.shape, self._hit(search)
        if hit != shape:
            types = [re.sub(rf"\b{shape}\b", f"{shape} as {hit}", line) for line in types]
        return [f"from {PACKAGE}._helpers.conditions import Condition, Sort", *types]

    def _mentioned(self, operations: Iterable[OperationPlan]) -> set[str]:
        """The classes that signatures name."""
        names: set[str] = set()
        for operation in operations:
            for field in operation.request.fields:
                names |= field.type.classes()
                names |= {value_alias(name) for name in field.type.classes() if name in self._enum_names}
            if operation.response:
                names.add(operation.response.name)
            if operation.paging:
                names |= {name for field in operation.paging.items for name in field.type.classes()}
        return names

    @property
    def _enum_names(self) -> set[str]:
        return {enum.name for module in self.plan.modules for enum in module.enums}

    def _async_group(self, group: GroupPlan) -> str:
        """The group of the asynchronous client: the synchronous one over another sender."""
        # Type checkers of users read the stub, which has no synchronous base class.
        awaited = "  # pyright: ignore[reportIncompatibleMethodOverride]" if group.short_forms else ""
        return (
            f"class Async{group.class_name}({_bases(group, 'Async')}, {group.class_name}):{awaited}\n"
            + docstring([self._title(group)])
            + "\n    __slots__ = ()\n"
        )

    def _title(self, group: GroupPlan) -> str:
        return self.plan.target.words or _words(group)

    # --- methods ------------------------------------------------------------------------------------------------------

    def _method(self, operation: OperationPlan, name: str, *, imported: str = "") -> str:
        if operation.paging and not operation.paging.describes:
            return self._pages(operation, name, imported=imported)
        response = operation.response.name if operation.response else "None"
        # An operation without an output gives None, which an asynchronous sender gives by a coroutine.
        line = f"return self._sender.send({self._request(operation)})"
        return self._define(operation, name, response, self._about(operation, name), f"{imported}        {line}\n")

    def _pages(self, operation: OperationPlan, name: str, *, imported: str = "") -> str:
        assert operation.paging is not None
        assert operation.response is not None
        items = " | ".join(annotation(field.type.item or field.type) for field in operation.paging.items)
        result = f"Pages[{items}, {operation.response.name}]"
        request = self._request(operation)
        if operation.name == OPERATION:
            imported = f"        from {PACKAGE}._helpers.searching import search_request\n{imported}"
            request = _searching("self", request)
        line = f"        return self._pages({request})\n"
        return self._define(operation, name, result, self._about(operation, name, pages=True), imported + line)

    def _overloads(self, operation: OperationPlan, name: str, result: str) -> str:
        """The heads of a method: one for each of the filters of which at most one may be given, and one with what goes."""
        every = ["self", *self.parameters(operation)]
        leaving = {field.name for field in operation.request.leaving_fields}
        plain = [part for part in every if _name_of(part) not in leaving]
        plain = plain[:-1] if plain[-1] == "*" else plain
        exclusive = _exclusive(operation)
        heads = [(self._mark(operation), _choosing(chosen, exclusive, plain)) for chosen in exclusive]
        if leaving:
            heads = heads or [(self._mark(operation), plain)]
            heads.append((render_leaving.mark(render_leaving.of_fields(operation.request), "    "), every))
        return "".join(
            f"    @overload\n{mark}    def {name}({', '.join(parts)}) -> {result}: ...\n\n" for mark, parts in heads
        )

    def _mark(self, operation: OperationPlan) -> str:
        """The line above a method that the service took back; empty for others."""
        return render_leaving.mark(render_leaving.of_operation(operation), "    ") if operation.leaving else ""

    def _more(self, group: str) -> list[str]:
        """The methods that are more than an operation: `run` and `search`."""
        runs = [self._run(run) for run in self.plan.runs if run.operation.group == group and run.is_job]
        return [*runs, *([self._search(self.searches[group])] if group in self.searches else [])]

    def _run(self, run: RunPlan) -> str:
        """The method that creates or starts a resource, waits for it, and returns its description."""
        operation = run.operation
        waiting = self.waiters.run_parameters(run)
        own = self.parameters(operation)
        if clash := {_name_of(part) for part in own} & {_name_of(part) for part in waiting}:
            raise ValueError(f"{operation.name} has parameters that its run needs itself: {', '.join(sorted(clash))}")
        # A resource that is identified only by the response cannot be looked up first.
        same = "False" if run.answer is not None else '"same"'
        waiting.append(f'exist_ok: bool | Literal["same"] = {same}')
        lines = [(field.name, docstrings.argument(field)) for field in self._arguments(operation)]
        about = self.waiters.about_run(run, lines)
        return (
            f"    def {run.method}(self, {', '.join([*own, *waiting])}) -> {_described(run)}:\n"
            + docstring(about, "        ")
            + f"        from {PACKAGE}.resources.runs import RUNS\n\n"
            + f"        return self._run({self.waiters.run_call(run, self._request(operation))})\n"
        )

    def _search(self, search: SearchPlan) -> str:
        """The method that searches for the resources of a group."""
        operation = search.operation
        assert operation.response is not None
        item = self._hit(search)
        fields = [field for field in self._arguments(operation) if field is not operation.identifier]
        parts = ["self", "*", *self._search_parameters(fields)]
        given = [f"resource={quote(search.resource)}"]
        given += [f"{field.name}={field.name}" for field in fields if field.wire != "SortBy"]
        request = _searching("self._sender", f"{operation.request.name}({', '.join(given)})")
        about = [
            f"Search for these resources with a condition, and yield each as a `{item}`.",
            "",
            *docstrings.section("Args", _about_search(fields)),
            *["Returns:", f"    Pages: iterate over the `{item}` items; `by_page()` yields whole responses.", ""],
            *docstrings.section("Raises", [_REFUSED, *docstrings.raised(operation)]),
            *docstrings.example(self.plan.examples.get(f"{search.group}.{operation.verb}", "")),
            self.plan.target.documentation.format(operation.name),
        ]
        return (
            f"    def {operation.verb}({', '.join(parts)}) -> Pages[{item}, {operation.response.name}]:\n"
            + docstring(about, "        ")
            + f"        return self._pages({request}, {quote(search.member.name)})\n"
        )

    def _hit(self, search: SearchPlan) -> str:
        """The name of the result class in the group's module; the group's own class may have the same name."""
        shape = search.member.type.shape
        return f"Found{shape}" if any(group.class_name == shape for group in self.plan.groups) else shape

    def _search_parameters(self, fields: Iterable[Field]) -> list[str]:
        """The parameters of a search: the condition first; `sort_by` also takes a `Sort`."""
        plain = [self._parameter(field) for field in fields]
        return [_WHERE, *(part.replace("sort_by: str |", "sort_by: str | Sort |") for part in plain)]

    def _define(self, operation: OperationPlan, name: str, result: str, about: list[str], body: str) -> str:
        heads = self._overloads(operation, name, result) or self._mark(operation)
        return f"{heads}    def {name}({self._signature(operation)}) -> {result}:\n{docstring(about, '        ')}{body}"

    def _signature(self, operation: OperationPlan) -> str:
        return ", ".join(["self", *self.parameters(operation)])

    def parameters(self, operation: OperationPlan) -> list[str]:
        """The identifier, which may be positional; then required parameters; then optional ones."""
        first = operation.identifier
        rest = [field for field in self._arguments(operation) if field is not first]
        parts = [self._parameter(first)] if first else []
        if operation.name == OPERATION:
            return [*parts, "*", *self._search_parameters(rest)]
        return [*parts, *(["*"] if rest else []), *(self._parameter(field) for field in rest)]

    def _arguments(self, operation: OperationPlan) -> list[Field]:
        first = operation.identifier
        rest = [field for field in operation.request.fields if field is not first]
        rest.sort(key=lambda field: not field.required)
        return [first, *rest] if first else rest

    def _parameter(self, field: Field, required: bool | None = None) -> str:
        """A parameter, without a default if it is required. By default, the model says whether it is."""
        type_ = annotation(field.type, loose=True, literal=True)
        if field.required if required is None else required:
            return f"{field.name}: {type_}"
        return f"{field.name}: {type_ if type_ == 'Any' else f'{type_} | None'} = None"

    def _request(self, operation: OperationPlan) -> str:
        without = ("SortBy",) if operation.name == OPERATION else ()
        arguments = ", ".join(
            f"{field.name}={field.name}" for field in operation.request.fields if field.wire not in without
        )
        return f"{operation.request.name}({arguments})"

    def _about(self, operation: OperationPlan, name: str, *, pages: bool = False) -> list[str]:
        code = self.plan.examples.get(f"{operation.group}.{name}" if operation.group else name, "")
        link = self.plan.target.documentation.format(operation.name)
        if operation.name == OPERATION:
            lines = _about_search(self._arguments(operation))
            return docstrings.method(operation, lines, code, link, pages=pages, refused=[_REFUSED])
        arguments = [(field.name, docstrings.argument(field)) for field in self._arguments(operation)]
        return docstrings.method(operation, arguments, code, link, pages=pages)

    # --- the client's side --------------------------------------------------------------------------------------------

    def groups(self, flavor: Flavor) -> str:
        """`groups.py`: a property for each group, and the operations without a group."""
        properties: list[str] = []
        for group in self.plan.groups:
            verbs = ", ".join(operation.verb for operation in sorted(group.operations, key=_order))
            class_name = flavor.prefix + group.class_name
            properties.append(
                f"    @property\n    def {group.name}(self) -> {class_name}:\n"
                + docstring([_words(group), "", f"Methods: {verbs}."], "        ")
                + f"        from {PACKAGE}.resources.{group.name} import {class_name}\n\n"
                + f"        return self._group({class_name})\n"
            )
        methods = [
            flavor.of_method(
                self._method(
                    operation,
                    operation.verb,
                    imported=f"        {self.types.imports_of([operation.request.name])[0]}\n\n",
                )
            )
            for operation in self.plan.client_operations
        ]
        pages = f"{flavor.prefix}Pages"
        body = (
            f"class {flavor.prefix}Groups({flavor.prefix}Sender):\n"
            + docstring([f"{flavor.about} a group for each kind of resource, and the operations without a group."])
            + "\n    __slots__ = ()\n\n    if not TYPE_CHECKING:\n        _service = SERVICE\n\n"
            + "\n".join([*properties, *methods])
        )
        abc = used_words(body, ("Mapping", "Sequence"))
        dates = used_words(body, ("datetime",))
        mentioned = [
            f"from {PACKAGE}.resources.{group.name} import {flavor.prefix}{group.class_name}"
            for group in self.plan.groups
        ]
        mentioned.append(f"from {PACKAGE}.paging import {pages}")
        if self.plan.searches:
            mentioned.append(f"from {PACKAGE}._helpers.conditions import Condition, Sort")
        mentioned += self.types.imports_of(self._mentioned(self.plan.client_operations))
        return (
            header("groups")
            + f'"""The groups of `{flavor.client}`, each imported when it is first used."""\n\n'
            + "from __future__ import annotations\n\n"
            + (f"from collections.abc import {', '.join(abc)}\n" if abc else "")
            + ("from datetime import datetime\n" if dates else "")
            + f"from typing import {', '.join(['TYPE_CHECKING', *used_words(body, ('overload',))])}\n\n"
            + f"from {PACKAGE}._core.group import {flavor.prefix}Sender\n"
            + (f"from {PACKAGE}._core.leaving import deprecated\n" if "@deprecated(" in body else "")
            + f"from {PACKAGE}.types._service import SERVICE\n\n"
            + "if TYPE_CHECKING:\n"
            + "\n".join(f"    {line}" for line in mentioned)
            + f'\n\n__all__ = ["{flavor.prefix}Groups"]\n\n\n{body}'
        )

    def api(self, flavor: Flavor) -> str:
        """`api.py`: every operation under boto3's name."""
        lines: list[str] = []
        table: list[str] = []
        for operation in self.plan.operations:
            path = f"{operation.group}.{operation.verb}" if operation.group else operation.verb
            lines.append(f"            self.{operation.method}: Final = sm.{path}")
            lines.append(docstring(_of_flat(operation, path), " " * 12).rstrip("\n"))
            table.append(f"    {quote(operation.method)}: {quote(path)},")
        paths = "" if flavor.prefix else "_PATHS = {\n" + "\n".join(table) + "\n}\n"
        return (
            header("groups")
            + f'"""`sm.api`{flavor.of}: every operation under boto3\'s method name. Each is the same method as in its '
            + 'group."""\n\nfrom __future__ import annotations\n\nfrom typing import TYPE_CHECKING, Final\n\n'
            + f"from {PACKAGE}._core.group import FlatMethods\n"
            + (f"from {PACKAGE}.resources.api import Api\n" if flavor.prefix else "")
            + f"\nif TYPE_CHECKING:\n    from {flavor.package}.groups import {flavor.prefix}Groups\n\n"
            + f'__all__ = ["{flavor.prefix}Api"]\n\n{paths}\n\nclass {flavor.prefix}Api(FlatMethods):\n'
            + docstring([f"All {len(self.plan.operations)} operations under boto3's method names."])
            + "\n    if TYPE_CHECKING:\n\n"
            + f"        def __init__(self, sm: {flavor.prefix}Groups) -> None:\n"
            + "\n".join(lines)
            + f"\n\n    else:\n        _paths = {'Api._paths' if flavor.prefix else '_PATHS'}\n"
        )


def _exclusive(operation: OperationPlan) -> tuple[str, ...]:
    """The filters of a list of which at most one may be given."""
    wires = {field.name for field in operation.request.fields}
    rules = [rule for rule in operation.request.between if rule.kind == "at_most_one" and operation.paging]
    return next((rule.fields for rule in rules if wires.issuperset(rule.fields)), ())


def _choosing(chosen: str, exclusive: Sequence[str], parameters: Iterable[str]) -> list[str]:
    """The parameters with None for all exclusive ones but one."""
    others = set(exclusive) - {chosen}
    return [f"{_name_of(part)}: None = None" if _name_of(part) in others else part for part in parameters]


def _name_of(parameter: str) -> str:
    return parameter.partition(":")[0]


def _described(run: RunPlan) -> str:
    """The class of the description that ends a run."""
    assert run.waiter.describe.response is not None
    return run.waiter.describe.response.name


def _by_search(mentioned: set[str], search: SearchPlan) -> set[str]:
    """The classes in the signatures of a group with a search: the classes of the results instead of their wrappers."""
    assert search.operation.paging is not None
    holders = {name for field in search.operation.paging.items for name in field.type.classes()}
    return (mentioned - holders - {_KIND_OF_SEARCH, value_alias(_KIND_OF_SEARCH)}) | search.member.type.classes()


def _searching(client: str, request: str) -> str:
    """The call that puts a condition and an order into the request of a search."""
    return f"search_request({client}, where, sort_by, {request})"


def _about_search(fields: Iterable[Field]) -> list[docstrings.Line]:
    """The descriptions of the arguments of a search: the condition comes right after the kind of resource."""
    lines = [(field.name, docstrings.argument(field)) for field in fields]
    lines = [(name, _ABOUT_SORT if name == "sort_by" else said) for name, said in lines]
    first = 1 if lines and lines[0][0] == "resource" else 0
    return [*lines[:first], ("where", _ABOUT_WHERE), *lines[first:]]


def _used(names: Iterable[str], text: str) -> Iterator[str]:
    """The names of classes and functions that the text of a module uses, and not only mentions."""
    return (name for name in names if re.search(rf"(?<![.\w]){name}(?=[][(,]| =|\)|:$)", text, re.MULTILINE))


def _bases(group: GroupPlan, prefix: str = "") -> str:
    """The base classes of a group; handwritten classes come first."""
    names = [path.rpartition(".")[2] for path in group.short_forms]
    return ", ".join([*(f"{prefix}{name}" for name in names), f"{prefix}Group"])


def _short_forms(group: GroupPlan) -> list[str]:
    """The imports of the handwritten base classes."""
    places = [path.rpartition(".") for path in group.short_forms]
    return [f"from {PACKAGE}.{module} import Async{name}, {name}" for module, _, name in places]


def siblings(plans: Sequence[Plan]) -> str:
    """`services/siblings.py`: a property for each service besides SageMaker, on both clients."""
    targets = [plan.target for plan in plans]
    classes: list[str] = []
    for prefix in ("", "Async"):
        properties = [
            f"    @property\n    def {target.attribute}(self) -> {prefix}{target.class_name}:\n"
            + docstring([target.words], "        ")
            + f"        from {target.package}.{METHODS} import {prefix}{target.class_name}\n\n"
            + f"        return self._group({prefix}{target.class_name})\n"
            for target in targets
        ]
        about = f"The services of the data plane, as properties of `{prefix}SageMaker`."
        classes.append(
            f"class {prefix}Siblings({prefix}Sender):\n"
            + docstring([about])
            + "\n    __slots__ = ()\n\n"
            + "\n".join(properties)
        )
    imports = [
        f"    from {target.package}.{METHODS} import Async{target.class_name}, {target.class_name}\n"
        for target in targets
    ]
    methods = "".join(
        f"    {quote(operation.method)}: {quote(plan.target.attribute)},\n"
        for plan in plans
        for operation in plan.operations
    )
    known = "".join(f"    {quote(target.service)}: {quote(target.attribute)},\n" for target in targets)
    return (
        header("services")
        + '"""The services besides SageMaker, each imported when it is first used."""\n\n'
        + "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
        + f"from {PACKAGE}._core.group import AsyncSender, Sender\n\n"
        + f"if TYPE_CHECKING:\n    from collections.abc import Mapping\n\n{''.join(imports)}\n"
        + '__all__ = ["ATTRIBUTES", "METHODS", "AsyncSiblings", "Siblings"]\n\n'
        + f"ATTRIBUTES: Mapping[str, str] = {{\n{known}}}\n"
        + '"""botocore\'s name of each service -> its attribute."""\n\n'
        + f"METHODS: Mapping[str, str] = {{\n{methods}}}\n"
        + '"""boto3\'s name of each method -> the attribute that has it."""\n\n\n'
        + "\n\n".join(classes)
    )


def _words(group: GroupPlan) -> str:
    return group.words or f"{group.name.replace('_', ' ').capitalize()}."


def _of_flat(operation: OperationPlan, path: str) -> list[str]:
    """The docstring of a method under boto3's name."""
    said = f"`{operation.name}`; the same method as `sm.{path}`."
    return [operation.words, "", said] if operation.words else [said]


_VERB_ORDER = ("create", "describe", "list", "update", "start", "stop", "delete")


def _order(operation: OperationPlan) -> tuple[int, str]:
    """create, describe, list, update, start, stop, delete; then the rest by name."""
    verb = operation.verb
    return (_VERB_ORDER.index(verb) if verb in _VERB_ORDER else len(_VERB_ORDER), verb)
