"""The modules of `resources/`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .names import Namer
from .plan import Field, GroupPlan, OperationPlan, Plan
from .render_types import PACKAGE, TypesRenderer, used_words
from .render_waiters import WaitersRenderer
from .text import DOCS, annotation, docstring, header, imported, quote, value_alias

_ERRORS = {
    "ConflictException": "ConflictError",
    "ResourceAlreadyExists": "ResourceAlreadyExistsError",
    "ResourceInUse": "ResourceInUseError",
    "ResourceLimitExceeded": "ResourceLimitExceededError",
    "ResourceNotFound": "ResourceNotFoundError",
}
# What generated modules may need of `waiting`.
_WAITING = (
    "Batch", "BatchEvent", "Explanation", "WaitEvent", "WaitOptions", "WaitReport", "Waiter", "chosen", "wait", "wait_all",
    "wait_deleted",
)  # fmt: skip


class ResourcesRenderer:
    def __init__(self, plan: Plan, types: TypesRenderer, namer: Namer) -> None:
        self.plan = plan
        self.types = types
        self.namer = namer
        self.waiters: WaitersRenderer = WaitersRenderer(self._parameter)

    # --- one group ----------------------------------------------------------------------------------------------------

    def group(self, group: GroupPlan) -> str:
        methods: list[str] = []
        for operation in sorted(group.operations, key=_order):
            methods.append(self._method(operation, operation.verb))
            if operation.paging and operation.paging.describes:
                methods.append(self._pages(operation, f"{operation.verb}_pages"))
        methods += self.waiters.methods(group)
        constants = self.waiters.constants(group)
        title = f"{group.name.replace('_', ' ').capitalize()}."
        body = (
            f"class {group.class_name}(Group):\n" + docstring([title]) + "\n    __slots__ = ()\n\n" + "\n".join(methods)
        )
        text = "\n\n".join([*constants, body])
        requests = {operation.request.name for operation in group.operations}
        requests |= self.waiters.requests(group)
        return (
            header("groups")
            + f'"""`sm.{group.name}`."""\n\nfrom __future__ import annotations\n\n'
            + self._imports(text, group.operations, requests)
            + f"\n__all__ = [{quote(group.class_name)}]\n\n\n"
            + text
        )

    def _imports(self, text: str, operations: Iterable[OperationPlan], requests: Iterable[str]) -> str:
        mentioned = self._mentioned(operations)
        lines = [
            *imported("collections.abc", used_words(text, ("Callable", "Iterable", "Mapping", "Sequence"))),
            *imported("datetime", used_words(text, ("datetime", "timedelta"))),
            *imported(
                "typing", [*(["TYPE_CHECKING"] if mentioned else []), *used_words(text, ("Any", "Literal", "overload"))]
            ),
            *imported(f"{PACKAGE}._core.group", ["Group"]),
            *imported(f"{PACKAGE}.paging", used_words(text, ("Pages",))),
            *imported(
                f"{PACKAGE}.waiting", (name for name in _WAITING if re.search(rf"(?<![.\w]){name}(?=[][(])", text))
            ),
            *self.types.imports_of(requests),
        ]
        if mentioned:
            lines.append("if TYPE_CHECKING:")
            lines += [f"    {line}" for line in self.types.imports_of(mentioned)]
        return "\n".join(lines) + "\n"

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

    # --- methods ------------------------------------------------------------------------------------------------------

    def _method(self, operation: OperationPlan, name: str, *, imported: str = "") -> str:
        if operation.paging and not operation.paging.describes:
            return self._pages(operation, name, imported=imported)
        response = operation.response.name if operation.response else "None"
        call = f"self._sender.send({self._request(operation)})"
        # An operation without an output has nothing to return.
        line = f"return {call}" if operation.response else call
        return self._define(operation, name, response, self._about(operation), f"{imported}        {line}\n")

    def _pages(self, operation: OperationPlan, name: str, *, imported: str = "") -> str:
        assert operation.paging is not None
        assert operation.response is not None
        items = " | ".join(annotation(field.type.item or field.type) for field in operation.paging.items)
        result = f"Pages[{items}, {operation.response.name}]"
        line = f"        return Pages({'self' if imported else 'self._sender'}, {self._request(operation)})\n"
        return self._define(operation, name, result, self._about(operation, pages=True), imported + line)

    def _define(self, operation: OperationPlan, name: str, result: str, about: list[str], body: str) -> str:
        return f"    def {name}({self._signature(operation)}) -> {result}:\n{docstring(about, '        ')}{body}"

    def _signature(self, operation: OperationPlan) -> str:
        return ", ".join(["self", *self.parameters(operation)])

    def parameters(self, operation: OperationPlan) -> list[str]:
        """The identifier, which may be given by position; then what is required; then the rest."""
        first = operation.identifier
        rest = [field for field in operation.request.fields if field is not first]
        rest.sort(key=lambda field: not field.required)
        parts = [self._parameter(first)] if first else []
        return [*parts, *(["*"] if rest else []), *(self._parameter(field) for field in rest)]

    def _parameter(self, field: Field, required: bool | None = None) -> str:
        """A parameter; without a default where it is required, as the model says unless told."""
        type_ = annotation(field.type, loose=True, literal=True)
        if field.required if required is None else required:
            return f"{field.name}: {type_}"
        return f"{field.name}: {type_ if type_ == 'Any' else f'{type_} | None'} = None"

    def _request(self, operation: OperationPlan) -> str:
        arguments = ", ".join(f"{field.name}={field.name}" for field in operation.request.fields)
        return f"{operation.request.name}({arguments})"

    def _about(self, operation: OperationPlan, *, pages: bool = False) -> list[str]:
        first = operation.words or f"Call `{operation.name}`."
        lines = [first, ""]
        if pages and operation.paging and operation.paging.size:
            lines += [f"Pages of {operation.paging.size} items, unless `max_results` says otherwise.", ""]
        if operation.request.fields:
            lines += [f"The arguments' rules stand at `{operation.request.name}`.", ""]
        errors = sorted({_ERRORS[name] for name in operation.errors if name in _ERRORS})
        if errors:
            lines += [f"Raises {', '.join(f'`{name}`' for name in errors)}, and whatever every call may raise.", ""]
        return [*lines, DOCS.format(operation.name)]

    # --- the client's side --------------------------------------------------------------------------------------------

    def groups(self) -> str:
        """`resources/groups.py`: a property for each group, and the operations that belong to none."""
        properties: list[str] = []
        for group in self.plan.groups:
            verbs = ", ".join(operation.verb for operation in sorted(group.operations, key=_order))
            properties.append(
                f"    @property\n    def {group.name}(self) -> {group.class_name}:\n"
                + docstring([f"{group.name.replace('_', ' ').capitalize()}: {verbs}."], "        ")
                + f"        from {PACKAGE}.resources.{group.name} import {group.class_name}\n\n"
                + f"        return self._group({group.class_name})\n"
            )
        methods = [
            self._method(
                operation,
                operation.verb,
                imported=f"        {self.types.imports_of([operation.request.name])[0]}\n\n"
                + (f"        from {PACKAGE}.paging import Pages\n\n" if operation.paging else ""),
            ).replace("self._sender.send", "self.send")
            for operation in self.plan.client_operations
        ]
        body = (
            "class Groups(Sender):\n"
            + docstring(["What `SageMaker` offers: a group for each resource, and the operations that belong to none."])
            + "\n    __slots__ = ()\n\n"
            + "\n".join([*properties, *methods])
        )
        abc = used_words(body, ("Mapping", "Sequence"))
        dates = used_words(body, ("datetime",))
        mentioned = [
            *(f"from {PACKAGE}.resources.{group.name} import {group.class_name}" for group in self.plan.groups)
        ]
        mentioned.append(f"from {PACKAGE}.paging import Pages")
        mentioned += self.types.imports_of(self._mentioned(self.plan.client_operations))
        return (
            header("groups")
            + '"""The groups of `SageMaker`, each imported when it is first used."""\n\nfrom __future__ import annotations\n\n'
            + (f"from collections.abc import {', '.join(abc)}\n" if abc else "")
            + ("from datetime import datetime\n" if dates else "")
            + f"from typing import TYPE_CHECKING\n\nfrom {PACKAGE}._core.group import Sender\n\nif TYPE_CHECKING:\n"
            + "\n".join(f"    {line}" for line in mentioned)
            + f'\n\n__all__ = ["Groups"]\n\n\n{body}'
        )

    def api(self) -> str:
        """`resources/api.py`: every operation under boto3's name."""
        lines: list[str] = []
        table: list[str] = []
        for operation in self.plan.operations:
            path = f"{operation.group}.{operation.verb}" if operation.group else operation.verb
            lines.append(f"            self.{operation.method}: Final = sm.{path}")
            lines.append(f'            """`{operation.name}`; the same method as `sm.{path}`."""')
            table.append(f"    {quote(operation.method)}: {quote(path)},")
        return (
            header("groups")
            + '"""`sm.api`: every operation under boto3\'s method name. Each is the group\'s own method, not a copy."""\n\n'
            + "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING, Final\n\n"
            + f"from {PACKAGE}._core.group import FlatMethods\n\n"
            + f"if TYPE_CHECKING:\n    from {PACKAGE}.resources.groups import Groups\n\n"
            + '__all__ = ["Api"]\n\n_PATHS = {\n'
            + "\n".join(table)
            + "\n}\n\n\nclass Api(FlatMethods):\n"
            + docstring([f"All {len(self.plan.operations)} operations under boto3's method names."])
            + "\n    _paths = _PATHS\n\n    if TYPE_CHECKING:\n\n        def __init__(self, sm: Groups) -> None:\n"
            + "\n".join(lines)
            + "\n"
        )


_VERB_ORDER = ("create", "describe", "list", "update", "start", "stop", "delete")


def _order(operation: OperationPlan) -> tuple[int, str]:
    """create, describe, list, update, start, stop, delete; then the rest by name."""
    verb = operation.verb
    return (_VERB_ORDER.index(verb) if verb in _VERB_ORDER else len(_VERB_ORDER), verb)
