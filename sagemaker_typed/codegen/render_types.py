"""The modules of `types/`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from botocore import utils
from botocore.model import ServiceModel

from . import docstrings, render_leaving
from .names import Namer
from .plan import BetweenPlan, EnumPlan, Field, MeaningPlan, Module, OperationPlan, Plan, StructurePlan, WordingPlan
from .read import BotocoreModel
from .targets import PACKAGE, Target
from .text import (
    STREAMS,
    annotation,
    call,
    docstring,
    header,
    imported,
    quote,
    raw,
    rule_args,
    value_alias,
)

# Module -> names that generated classes may import from it, each with the pattern that shows that it is used.
_IMPORTS = {
    "collections.abc": {"Mapping": r"Mapping\[", "Sequence": r"Sequence\["},
    "datetime": {"datetime": r"[:,] datetime|\[datetime"},
    f"{PACKAGE}._core.between": {"Between": r"\bBetween\("},
    f"{PACKAGE}._core.leaving": {"deprecated": r"@deprecated\("},
    f"{PACKAGE}._core.operation": {"Operation": r"\bOperation\("},
    f"{PACKAGE}.enums": {"OpenEnum": r"\(OpenEnum\)"},
}
METHODS = "methods"
"""The modules with the class whose methods are the operations of a service."""
_KINDS = {"exceptions": "Bodies of errors", "messages": "Requests and responses"}
_OF_WORDING = ("Meaning", "Phrase")
_BASES = ("Member", "Request", "Response", "ResponseMetadata", "Rule", "Structure")


def _kept(enum: EnumPlan) -> list[str]:
    """The members that the service took back: checkers know them, and at run time they warn."""
    if not enum.kept:
        return []
    lines = ["\n    if TYPE_CHECKING:\n"]
    told = {
        name: (text, render_leaving.of_value(enum.name, name, text, leaving))
        for name, (text, leaving) in enum.kept.items()
    }
    for name, (text, message) in told.items():
        lines.append(f"        {name} = {quote(text)}\n")
        meaning = [enum.meanings[text], ""] if text in enum.meanings else []
        lines.append(docstring([*meaning, f"Deprecated: {message}"], indent=" " * 8))
    table = ", ".join(f"{quote(name)}: ({quote(text)}, {quote(message)})" for name, (text, message) in told.items())
    return [*lines, f"    __leaving__ = {{{table}}}\n"]


class TypesRenderer:
    def __init__(self, plan: Plan, namer: Namer) -> None:
        self.plan = plan
        self.target: Target = plan.target
        self.namer = namer
        self.operations: dict[str, OperationPlan] = {operation.name: operation for operation in plan.operations}
        self.until: dict[str, str] = {
            run.operation.request.name: run.waiter.describe.response.name
            for run in plan.runs
            if run.waiter.describe.response
        }
        """Request -> the description that ends the wait for the resource that it creates."""
        self.enums: set[str] = {enum.name for module in plan.modules for enum in module.enums}

    # --- a module -----------------------------------------------------------------------------------------------------

    def module(self, module: Module) -> str:
        own = set(self._exports(module))
        mentioned: set[str] = set()
        for structure in module.structures:
            for field in structure.fields:
                names = field.type.classes()
                mentioned |= names | {value_alias(name) for name in names & self.enums}
            mentioned |= {self.until[structure.name]} if structure.name in self.until else set()
        body = [self._enum(enum) for enum in module.enums]
        body += [self._structure(structure) for structure in module.structures]
        text = "\n\n".join(body)
        return (
            header(self._overlay("names"))
            + '"""'
            + self._title(module)
            + '"""\n\nfrom __future__ import annotations\n\n'
            + self._imports(text, mentioned - own)
            + f"\n__all__ = [{', '.join(quote(name) for name in self._exports(module))}]\n\n\n"
            + text
        )

    def exports(self, module: Module) -> list[str]:
        return [*(enum.name for enum in module.enums), *(structure.name for structure in module.structures)]

    def _exports(self, module: Module) -> list[str]:
        return sorted([*self.exports(module), *(value_alias(enum.name) for enum in module.enums)])

    def _title(self, module: Module) -> str:
        if self.target.attribute:
            return f"{_KINDS.get(module.name, module.name.capitalize())} of `sm.{self.target.attribute}`."
        if module.name.startswith("shared."):
            return f"`{self.exports(module)[0]}`, which several resources use."
        return f"Types of {module.name.replace('_', ' ')}."

    def _imports(self, text: str, mentioned: Iterable[str]) -> str:
        words = used_words(text, ("Any", "Literal", "TypeAlias", "overload"))
        streams = streams_in(text)
        if mentioned or streams or used_words(text, ("TYPE_CHECKING",)):
            words.append("TYPE_CHECKING")
        lines = imported("typing", words)
        for module, patterns in _IMPORTS.items():
            lines += imported(module, (name for name, pattern in patterns.items() if re.search(pattern, text)))
        bases = [name for name in _BASES if re.search(rf"[@(]{name}[)\[]|: {name} |\b{name}\(", text)]
        if bases:
            lines += imported(f"{PACKAGE}.structure", [*bases, "structure"])
            lines += imported(f"{self.target.package}._service", ["SERVICE"])
        checked = [*self.imports_of(mentioned), *streams]
        if checked:
            lines.append("if TYPE_CHECKING:")
            lines += [f"    {line}" for line in checked]
        return "\n".join(lines) + "\n"

    def imports_of(self, names: Iterable[str]) -> list[str]:
        """Import lines for classes, sorted by module."""
        by_home: defaultdict[str, set[str]] = defaultdict(set)
        for name in names:
            home = self.plan.homes.get(name) or self.plan.homes[name.removesuffix("Value")]
            by_home[home].add(name)
        return [
            f"from {self.target.package}.{home} import {', '.join(sorted(by_home[home]))}" for home in sorted(by_home)
        ]

    # --- enums --------------------------------------------------------------------------------------------------------

    def _enum(self, enum: EnumPlan) -> str:
        texts = ", ".join(quote(text) for text in enum.members)
        lines: list[str] = []
        for text, name in enum.members.items():
            lines.append(f"    {name} = {quote(text)}\n")
            if text in enum.meanings:
                lines.append(docstring([enum.meanings[text]]))
        lines += _kept(enum)
        return (
            f"{value_alias(enum.name)}: TypeAlias = Literal[{texts}]\n"
            f'"""The texts of `{enum.name}` that this version knows."""\n\n\n'
            f"{render_leaving.of_enum(enum)}"
            f"class {enum.name}(OpenEnum):\n{docstring(docstrings.enum(enum))}\n{''.join(lines)}"
        )

    # --- structures ---------------------------------------------------------------------------------------------------

    def _structure(self, structure: StructurePlan) -> str:
        loose = structure.role == "request"
        lines = [f"class {structure.name}({self._base(structure)}):"]
        lines.append(docstring(self._about(structure)).rstrip("\n"))
        for field in structure.plain_fields:
            lines.append("")
            lines.append(self._field(field, loose=loose))
            lines.append(docstring(docstrings.field(field)).rstrip("\n"))
        facts: list[str] = ["_service = SERVICE"]
        if structure.union:
            facts.append("_union = True")
        if structure.role == "request":
            facts.append(f"_operation = {self._operation(structure)}")
        if structure.fields:
            members = ", ".join(self._member(field) for field in structure.fields)
            facts.append(f"_members = ({members},)")
            if structure.between:
                rules = ", ".join(_between(rule) for rule in structure.between)
                facts.append(f"_between = ({rules},)")
            facts += [*render_leaving.facts(structure), *self._kept_fields(structure, loose=loose)]
            lines += ["", "    if TYPE_CHECKING:", "", *self._constructor(structure, loose=loose)]
            if structure.name in self.until:
                lines += ["", f"        def __until__(self) -> {self.until[structure.name]}: ..."]
            # Type checkers know these types from the base class, and need not infer them for 1,633 classes.
            lines += ["", "    else:", *(f"        {fact}" for fact in facts)]
        else:
            lines += ["", *(f"    {fact}" for fact in facts)]
        mark = render_leaving.of_structure(structure, self.operations.get(structure.operation or ""))
        return f"@structure\n{mark}" + "\n".join(lines) + "\n"

    def _constructor(self, structure: StructurePlan, *, loose: bool) -> list[str]:
        """The constructor, for type checkers and editors."""
        arguments = self._arguments(structure.fields, structure)
        if not structure.leaving_fields:
            return [f"        def __init__({arguments}) -> None: ..."]
        without = self._arguments(structure.plain_fields, structure)
        return [
            *render_leaving.accessors(structure, loose=loose),
            *render_leaving.constructors(structure, without, arguments),
        ]

    def _kept_fields(self, structure: StructurePlan, *, loose: bool) -> list[str]:
        """The fields that the service took back, as attrs reads them."""
        lines: list[str] = []
        for field in structure.leaving_fields:
            lines += [self._field(field, loose=loose).strip(), docstring(docstrings.field(field), " " * 8).strip()]
        return lines

    def _arguments(self, fields: Iterable[Field], structure: StructurePlan) -> str:
        """The parameters of the constructor with these fields."""
        parts = ["self", "*"]
        for field in fields:
            # Arguments accept more types than the field only if they are converted.
            loose = structure.role == "request" or field.type.converted
            type_ = annotation(field.type, loose=loose, literal=field.type.converted)
            parts.append(f"{field.name}: {type_} | None = None" if field.optional else f"{field.name}: {type_}")
        if structure.role == "response":
            parts.append("response_metadata: ResponseMetadata = ...")
        # Editors would offer `unknown_members` in every call; it can be set on the object.
        return ", ".join(parts if len(parts) > 2 else parts[:1])

    def _base(self, structure: StructurePlan) -> str:
        if structure.role == "request":
            response = self._operation_of(structure).response
            return f"Request[{quote(response.name)}]" if response else "Request[None]"
        return "Response" if structure.role == "response" else "Structure"

    def _operation_of(self, structure: StructurePlan) -> OperationPlan:
        return self.operations[structure.operation or ""]

    def _about(self, structure: StructurePlan) -> list[str]:
        shape = self.plan.renamed.get(structure.name, structure.name)
        link = self.target.documentation.format(structure.operation if structure.role == "request" else shape)
        if structure.role == "response":
            link = self.target.documentation.format(structure.operation)
        return docstrings.structure(structure, self.operations.get(structure.operation or ""), link)

    def _field(self, field: Field, *, loose: bool) -> str:
        type_ = annotation(field.type, loose=loose)
        if field.optional:
            type_ = type_ if type_ == "Any" else f"{type_} | None"
        return f"    {field.name}: {type_}" + (" = None" if field.optional else "")

    def _member(self, field: Field) -> str:
        args = [quote(field.name), quote(field.wire)]
        if field.required:
            args.append("required=True")
        args += rule_args(field.type.rule)
        if field.type.kind == "json":
            args.append("json=True")
        if field.token:
            args.append("token=True")
        if field.type.from_mapping:
            args.append(f"pairs=({', '.join(quote(name) for name in field.type.from_mapping)})")
        elif field.type.dumps:
            args.append("dumps=True")
        elif field.type.converted:
            args.append("enum=True")
        return call("Member", args)

    def _operation(self, structure: StructurePlan) -> str:
        operation = self._operation_of(structure)
        args = [quote(operation.name), quote(operation.method)]
        if operation.response:
            args.append(f"output={quote(operation.response.name)}")
        if operation.paging:
            args.append(f"items=({', '.join(quote(field.name) for field in operation.paging.items)},)")
            if operation.paging.size is not None:
                args.append(f"page_size={operation.paging.size}")
        if operation.stream:
            args.append(f"stream={quote(operation.stream.name)}")
        return call("Operation", args)

    def constructors(self, module: Module) -> dict[str, str]:
        """Class -> the docstring of its `__init__`, for the stub. Responses have none, as users do not construct them."""
        told = {
            structure.name: docstrings.constructor(structure, self.operations.get(structure.operation or ""))
            for structure in module.structures
            if structure.role != "response"
        }
        return {name: "\n".join(lines) for name, lines in told.items() if lines}

    # --- the service ----------------------------------------------------------------------------------------------------

    def service(self, model: BotocoreModel) -> str:
        """`types/_service.py`: what the runtime must know about the service besides its operations."""
        metadata = model.raw["service-2"]["metadata"]
        wording = _wording(self.plan.wording)
        module_name: Callable[[ServiceModel], str] = getattr(utils, "get_service_module_name")  # noqa: B009
        args = {
            "name": quote(self.target.service),
            "api_version": quote(model.api_version),
            "protocol": quote(metadata["protocol"]),
            "event_prefix": quote(metadata["serviceId"].replace(" ", "-").lower()),
            "exceptions": quote(f"{module_name(ServiceModel(model.raw['service-2'], self.target.service))}Exceptions"),
            "documentation": quote(self.target.documentation),
            "wording": wording,
            "types": "Names(__name__.rpartition('.')[0])",
            "package": quote(PACKAGE),
        }
        return (
            header(self._overlay("errors"))
            + '"""The service that these types belong to."""\n\nfrom __future__ import annotations\n\n'
            + f"from {PACKAGE}._core.lazy import Names\n"
            + f"from {PACKAGE}._core.service import {', '.join(used_words(wording, _OF_WORDING))}, Service, Wording\n\n"
            + '__all__ = ["SERVICE"]\n\n'
            + f"SERVICE = Service({', '.join(f'{name}={value}' for name, value in args.items())},)\n"
        )

    def _overlay(self, kind: str) -> str:
        """The file with the decisions of a kind."""
        return self.target.overlay or kind

    def _homes(self) -> Iterator[tuple[str, list[str]]]:
        """The modules of the package, each with the names that it exports."""
        for module in self.plan.modules:
            yield module.name, self._exports(module)
        if self.target.attribute:
            yield METHODS, [f"Async{self.target.class_name}", self.target.class_name]

    # --- the front ----------------------------------------------------------------------------------------------------

    def front(self) -> str:
        """`types/__init__.py`: every class by name; modules are imported when one of their names is first used."""
        lines: list[str] = []
        for home, exported in self._homes():
            # One name per line, so that a new class adds one line to the diff.
            names = ",\n        ".join(f"{name} as {name}" for name in exported)
            lines.append(f"    from {self.target.package}.{home} import (\n        {names})")
        return (
            header(self._overlay("homes"))
            + "# ruff: noqa\n# isort: skip_file\n# fmt: off\n"
            + f'"""{self.target.words or "Every request, response, structure and enum of the service, by name."}\n\n'
            + "Each module is imported when one of its names is first used.\n"
            + '"""\n\nfrom __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n'
            + "if TYPE_CHECKING:\n"
            + "\n".join(lines)
            + f"\nelse:\n    from {PACKAGE}._core.lazy import attach\n\n    __getattr__, __dir__ = attach(__name__)\n"
        )

    def index(self) -> str:
        """`types/_index.py`: the module of each name in `types/__init__.py`."""
        entries: list[str] = []
        for home, exported in self._homes():
            entries += [f"    {quote(name)}: {quote(home)}," for name in exported]
        return (
            header(self._overlay("homes"))
            + '"""Which module holds each name."""\n\nfrom __future__ import annotations\n\n'
            + "HOMES: dict[str, str] = {\n"
            + "\n".join(sorted(entries))
            + "\n}\n"
        )


def _wording(wording: WordingPlan) -> str:
    """The call that makes a `Wording`."""
    kinds = ", ".join(f"{quote(text)}: {quote(kind)}" for text, kind in wording.kinds.items())
    meanings = [f"{name}={_meaning(meaning)}" for name, meaning in wording.meanings.items()]
    return call("Wording", [*meanings, f"kinds={{{kinds}}}"])


def _meaning(meaning: MeaningPlan) -> str:
    phrases = [
        call("Phrase", [raw(phrase.pattern), *([_tuple(phrase.operations)] if phrase.operations else [])])
        for phrase in meaning.phrases
    ]
    return call("Meaning", [_tuple(meaning.codes), f"({' '.join(f'{phrase},' for phrase in phrases)})"])


def _between(rule: BetweenPlan) -> str:
    args = [quote(rule.kind), _tuple(rule.fields)]
    for name, values in (("when", rule.when), ("allowed", rule.allowed)):
        if values:
            args.append(f"{name}=({', '.join(map(_literal, values))}{',' * (len(values) == 1)})")
    if rule.limit:
        args.append(f"limit={rule.limit}")
    if rule.do:
        args.append(f"do={quote(rule.do)}")
    return call("Between", args)


def _literal(value: str | bool) -> str:
    return repr(value) if isinstance(value, bool) else quote(value)


def _tuple(texts: Iterable[str]) -> str:
    quoted = [quote(text) for text in texts]
    return f"({', '.join(quoted)}{',' * (len(quoted) == 1)})"


def streams_in(text: str) -> list[str]:
    """The import of the body types that a module mentions."""
    return imported(
        f"{PACKAGE}.streams", [name for name in STREAMS if re.search(rf"(?<![.\w\"]){name}(?=[][ ,)|\n]|$)", text)]
    )


def used_words(text: str, words: Iterable[str]) -> list[str]:
    """The words that occur in `text` as whole names."""
    return [word for word in words if re.search(rf"(?<![\w\"`.]){word}(?![\w\"`])", text)]
