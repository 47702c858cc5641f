"""Tables for notebooks: small, escaped, and readable on a light and on a dark page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from sagemaker_typed._core.printable import one_line, without_passwords
from sagemaker_typed._core.quoting import shortened

__all__ = ["Markup", "badge", "bar", "cell", "details", "link", "table", "tone"]

_LONGEST = 300
"""Maximum number of characters of a text in a cell."""
_ARN = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d*):([A-Za-z0-9._:/+=,@-]+)")
_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""Partition -> host of its console."""
_PAGES = {
    "algorithm": "algorithms",
    "compilation-job": "compilation-jobs",
    "endpoint": "endpoints",
    "endpoint-config": "endpointConfig",
    "hyper-parameter-tuning-job": "hyper-tuning-jobs",
    "model": "models",
    "notebook-instance": "notebook-instances",
    "processing-job": "processing-jobs",
    "training-job": "jobs",
    "transform-job": "transform-jobs",
}
"""Resource type in an ARN -> path of its page in the service's console."""
_TONES = (
    (
        "bad",
        r"fail|error|unhealthy|reject|unroutable|impaired|exceeded|outofservice|unavailable|blocked|alert|violation|degraded"
        r"|^issuesfound|interrupted|rollbackcomplete|missing|unsupported",
    ),
    ("over", r"delet"),  # a resource that is being deleted counts as gone
    ("busy", r"ing|inprogress|busy|notstarted|draft|maintenance$"),
    (
        "over",
        r"stopped|cancell?ed|terminated|disabled|inactive|detached|archived|deprecated|expired|superseded|skipped",
    ),
    ("over", r"endoflife|reverted|reached"),
    (
        "good",
        r"complete|done|succeeded|success|inservice|active|available|created|ready|approved|enabled|healthy|^ok$|deployed"
        r"|updated|attached|routable|supported|uptodate|inuse|noissuesfound|scheduled|started",
    ),
)
"""Health of a resource, with the words of its status that imply it; the first match counts."""
# White text on these colours has a contrast of at least 4.5:1; the colours next to black or white, at least 3:1.
_COLOURS = {"good": "#1a7f37", "bad": "#cf222e", "busy": "#0969da", "over": "#6e7781"}


class Markup(str):
    """HTML that is safe as it is."""

    __slots__ = ()


def tone(status: str) -> str | None:
    """Return the health that a status implies: "good", "bad", "busy" or "over"; None if it is unknown."""
    text = re.sub("[^a-z]", "", status[:100].lower())
    return next((name for name, words in _TONES if re.search(words, text)), None)


def badge(status: str) -> Markup:
    """Return a status on the colour of its health."""
    colour = _COLOURS.get(tone(status) or "")
    text = cell(status)
    if colour is None:
        return text
    return Markup(
        f'<span style="background:{colour};color:#fff;border-radius:3px;padding:1px 6px;white-space:nowrap">{text}</span>'
    )


def bar(text: str, tone: str, share: float | None) -> Markup:
    """Return a text above a progress bar; `share` is from 0 to 1, or None if it is not known."""
    colour = _COLOURS[tone]
    if share is None:
        return Markup(f'<div><span style="color:{colour}">&#9679;</span> {cell(text)}</div>')
    return Markup(
        f'<div>{cell(text)}<div style="width:400px;max-width:100%;border:1px solid {colour};border-radius:3px">'
        f'<div style="width:{share:.1%};background:{colour};height:6px"></div></div></div>'
    )


def link(arn: str, service: str, text: str | None = None) -> Markup:
    """Return a link to the console's page of an ARN's resource, or the text alone if there is no page.

    The console can open a resource by its ARN if it knows the type. For the types of `service` that it does not know, the
    page is listed here.
    """
    shown = cell(arn if text is None else text)
    match = _ARN.fullmatch(arn)
    host = match and _CONSOLES.get(match[1])
    if match is None or host is None:
        return shown
    kind, _, name = match[5].partition("/")
    region = match[3]
    if match[2] == service and kind in _PAGES and name and region:
        url = f"https://{region}.{host}/{service}/home?region={region}#/{_PAGES[kind]}/{quote(name, safe='')}"
    elif match[1] == "aws":
        url = f"https://{host}/go/view?arn={quote(arn, safe='')}"
    else:
        return shown
    return Markup(
        f'<a href="{escape(url)}" target="_blank" rel="noopener" style="color:inherit;text-decoration:underline">{shown}</a>'
    )


def cell(value: object) -> Markup:
    """Return a value as HTML: one line, without passwords in URLs, shortened and escaped."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return Markup()
    if isinstance(value, datetime) and value.tzinfo is not None:
        return Markup(f'<span style="white-space:nowrap">{_utc(value)} UTC</span>')
    if isinstance(value, float):
        value = f"{value:.10g}"
    return Markup(escape(shortened(one_line(without_passwords(str(value))), _LONGEST)))


def _utc(value: datetime) -> str:
    try:
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    except OverflowError:  # within hours of the earliest or latest datetime
        return f"{value.replace(tzinfo=None):%Y-%m-%d %H:%M:%S}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Markup:
    """Return a table. `Markup` cells are not escaped. Without a head, the first cell of each row is its header."""
    heads = f"<thead><tr>{''.join(_cell(name, 'th') for name in head)}</tr></thead>" if head else ""
    lines = "".join(
        f"<tr>{''.join(_cell(item, 'td' if head or place else 'th') for place, item in enumerate(row))}</tr>"
        for row in rows
    )
    return Markup(f"<table>{heads}<tbody>{lines}</tbody></table>")


def _cell(value: object, tag: str) -> str:
    return f'<{tag} style="text-align:left;vertical-align:top">{cell(value)}</{tag}>'


def details(summary: str, content: Markup) -> Markup:
    """Return content that is shown when the user clicks on the summary."""
    return Markup(f"<details><summary>{cell(summary)}</summary>{content}</details>")
