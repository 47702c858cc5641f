"""The service model without prose, in the layout that botocore's loader reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from .names import xform_name
from .read import BotocoreModel, Json

_PROSE = {"documentation", "deprecatedMessage"}


def model_files(model: BotocoreModel) -> dict[str, str]:
    """Path below `model/` -> text."""
    folder = f"{model.service}/{model.api_version}"
    files = {f"{folder}/{name}.json": _dump(_bare(content)) for name, content in model.raw.items()}
    files[f"{model.service}/endpoints.json"] = json.dumps(_endpoints(model), indent=1, sort_keys=True) + "\n"
    methods = {name: xform_name(name) for name in model.operations}
    files[f"{model.service}/methods.json"] = json.dumps(methods, indent=0, sort_keys=True) + "\n"
    return files


def _endpoints(model: BotocoreModel) -> Json:
    """The endpoint table with this service alone; all four hundred services take longer to read than the service model."""
    prefix = model.raw["service-2"]["metadata"]["endpointPrefix"]

    def ours(partition: Json) -> Json:
        return partition | {"services": {name: item for name, item in partition["services"].items() if name == prefix}}

    return model.endpoints | {"partitions": [ours(partition) for partition in model.endpoints["partitions"]]}


def _bare(value: Any, inside: str = "") -> Any:
    if isinstance(value, (list, tuple)):
        return [_bare(item) for item in cast("Sequence[Any]", value)]
    if not isinstance(value, dict):
        return value
    # Under `members`, `shapes` and `operations` the keys are names, and a member may be called "documentation".
    names = inside in ("members", "shapes", "operations")
    pairs = cast("Json", value).items()
    return {key: _bare(item, "" if names else key) for key, item in pairs if names or key not in _PROSE}


def _dump(content: Json) -> str:
    """JSON with one shape or operation per line, which keeps diffs small and loads quickly."""
    parts: list[str] = []
    for name, section in sorted(content.items()):
        if isinstance(section, dict):
            entries = cast("Json", section)
            lines = ",\n".join(
                f"  {json.dumps(key)}: {json.dumps(entries[key], sort_keys=True)}" for key in sorted(entries)
            )
            parts.append(f" {json.dumps(name)}: {{\n{lines}\n }}")
        else:
            parts.append(f" {json.dumps(name)}: {json.dumps(section, sort_keys=True)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
