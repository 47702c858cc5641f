"""Writes the rules between fields, `codegen/overlay/rules.toml`, as a table for "Validation levels" to include."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawing import table
from reference import write

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "_generated/rules"
OVERLAY = Path(__file__).parents[2] / "sagemaker_typed" / "codegen" / "overlay" / "rules.toml"
PAGE = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_{}.html"

_SAYS = {
    "at_most_one": "at most one of {all} is given",
    "count": "{rest} have at most {limit} items in all, at any depth below {first}",
    "exactly_one": "exactly one of {all} is given",
    "excludes": "{first}{when} excludes {rest}",
    "json": "{first} is a JSON string (other quotes are only a warning)",
    "order": "{first} does not exceed {rest}",
    "most": "{first} is at most {limit}",
    "product": "{first} times {rest} is at most {limit}",
    "requires": "{first}{when} requires {rest}{allowed}",
    "suffix": "{first} ends with {values}",
    "unique": "each item of {first} has a different {rest}",
}

_EVERYWHERE = {
    "order": "every structure with both, or with times whose names differ in these words",
    "unique": "every structure with this list",
}


def pages(rules: Mapping[str, Any]) -> dict[str, str]:
    """Path below the folder -> Markdown, for the page to include."""
    everywhere = [_row(_EVERYWHERE[pair["kind"]], pair) for pair in map(_as_rule, rules["pairs"])]
    rows = everywhere + [_row(", ".join(map(_code, rule["on"])), rule) for rule in rules["rules"]]
    return {"list.md": table(("structure", "rule", "AWS page"), rows, "lll")}


def _as_rule(pair: Mapping[str, Any]) -> dict[str, Any]:
    kind = "order" if "order" in pair else "unique"
    return {"kind": kind, "members": pair[kind], **pair}


def _row(where: str, rule: Mapping[str, Any]) -> tuple[str, str, str]:
    first, *rest = map(_code, rule["members"])
    says = _SAYS[rule["kind"]].format(
        all=", ".join([first, *rest]),
        first=first,
        rest=", ".join(rest),
        limit=rule.get("limit"),
        when=f" = {_any_of(rule['when'])}" if "when" in rule else "",
        allowed=f" = {_any_of(rule['allowed'])}" if "allowed" in rule else "",
        values=_any_of(rule.get("allowed", ())),
    )
    return where, says, f"[{rule['source']}]({PAGE.format(rule['source'])})"


def _code(text: object) -> str:
    return f"`{text}`"


def _any_of(values: Any) -> str:
    return " or ".join(map(_code, values))


def _generate(app: Sphinx) -> None:
    write(pages(tomllib.loads(OVERLAY.read_text(encoding="utf-8"))), Path(app.srcdir) / FOLDER)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
