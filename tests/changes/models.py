"""Small models, made up."""

from __future__ import annotations

import copy
from typing import Any

from sagemaker_typed.changes import Finding, compare

Json = dict[str, Any]


def ref(shape: str, **traits: Any) -> Json:
    return {"shape": shape, **traits}


def structure(*required: str, **members: str | Json) -> Json:
    refs = {name: ref(shape) if isinstance(shape, str) else shape for name, shape in members.items()}
    return {"type": "structure", "members": refs, **({"required": list(required)} if required else {})}


def list_of(shape: str) -> Json:
    return {"type": "list", "member": ref(shape)}


def map_of(key: str, value: str) -> Json:
    return {"type": "map", "key": ref(key), "value": ref(value)}


def enum(*values: str) -> Json:
    return {"type": "string", "enum": list(values)}


def operation(name: str, input: str | None = None, output: str | None = None, *errors: str, **traits: Any) -> Json:
    body: Json = {"name": name, "http": {"method": "POST", "requestUri": "/"}, **traits}
    body |= {part: ref(shape) for part, shape in (("input", input), ("output", output)) if shape}
    return body | ({"errors": [ref(error) for error in errors]} if errors else {})


def model(operations: list[Json], **shapes: Json) -> Json:
    return {
        "metadata": {"serviceId": "Zoo", "serviceFullName": "Zoo Service", "endpointPrefix": "zoo"},
        "operations": {each["name"]: each for each in operations},
        "shapes": {"String": {"type": "string"}, "Integer": {"type": "integer"}, **shapes},
    }


def zoo() -> Json:
    """`Put` takes an `Animal`, `Get` gives one; `Ask` and `Answer` are of one side each."""
    return model(
        [operation("Put", "PutRequest", None, "Full"), operation("Get", "GetRequest", "GetResponse")],
        PutRequest=structure("Animal", Animal="Animal", Ask="Ask"),
        GetRequest=structure(Name="String"),
        Getter=structure(Name="String"),
        GetResponse=structure("Animal", Animal="Animal", Answer="Answer"),
        Animal=structure("Name", Name="Name", Age="Age", Kind="Kind", Legs="Legs", Names="Names"),
        Ask=structure(Name="AskName", Kind="AskKind"),
        Answer=structure("Name", Name="AnswerName", Kind="AnswerKind"),
        Name={"type": "string", "min": 1, "max": 10, "pattern": "[a-z]+"},
        AskName={"type": "string", "min": 1, "max": 10, "pattern": "[a-z]+"},
        AnswerName={"type": "string", "min": 1, "max": 10, "pattern": "[a-z]+"},
        Age={"type": "integer"},
        Kind=enum("cat", "dog"),
        AskKind=enum("cat", "dog"),
        AnswerKind=enum("cat", "dog"),
        Legs=list_of("String"),
        Names=map_of("Kind", "Name"),
        Full={"type": "structure", "members": {}, "exception": True},
    )


def changed(path: str, value: Any = None, *, start: Json | None = None) -> Json:
    """The zoo with another value at `shapes/Age/min`; None takes it away."""
    document = copy.deepcopy(start or zoo())
    *way, last = path.split("/")
    place: Any = document
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


def told(old: Json, new: Json) -> list[tuple[str, str, str]]:
    """Severity, kind and place of each finding."""
    return [(each.severity, each.kind, each.where) for each in compare(old, new).findings]


def only(old: Json, new: Json) -> Finding:
    (found,) = compare(old, new).findings
    return found
