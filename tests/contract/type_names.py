"""What the type of a shape is, as it stands in the generated code."""

from __future__ import annotations

from typing import Any

_SCALARS = {
    "string": "str",
    "integer": "int",
    "long": "int",
    "float": "float",
    "double": "float",
    "boolean": "bool",
    "timestamp": "datetime",
}


def member(shape: Any) -> str:
    """What reading a member gives."""
    match shape.type_name:
        case "list":
            return f"list[{member(shape.member)}]"
        case "map":
            return f"dict[{member(shape.key)}, {member(shape.value)}]"
        case "structure":
            return str(shape.name)
        case _ if shape.metadata.get("enum"):
            return str(shape.name)
        case scalar:
            return _SCALARS[scalar]


def argument(shape: Any) -> str:
    """What a caller may write: any sequence or mapping, the known texts of an enum, a mapping for tags."""
    match shape.type_name:
        case "list":
            written = f"Sequence[{argument(shape.member)}]"
            return f"{written} | Mapping[str, str]" if shape.name == "TagList" else written
        case "map":
            return f"Mapping[{argument(shape.key)}, {argument(shape.value)}]"
        case _ if shape.metadata.get("enum"):
            return f"{shape.name} | {shape.name}Value"
        case _:
            return member(shape)
