"""`sagemaker-typed invoke`: send a request to an endpoint."""

from __future__ import annotations

import base64
import codecs
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from sagemaker_typed import SageMaker
from sagemaker_typed._core.printable import printable
from sagemaker_typed._data.invoking import EndpointStream
from sagemaker_typed.cli._common import (
    EndpointUrl,
    Profile,
    Region,
    Text,
    called,
    check_call,
    misuse,
    pairs,
    to_seconds,
    write,
)
from sagemaker_typed.cli._completion import complete_names
from sagemaker_typed.cli._options import AsJson, AsYaml, Query, Texts, Timeout
from sagemaker_typed.cli._output import OutputForm
from sagemaker_typed.cli._streams import on_terminal, write_bytes

__all__ = ["invoke"]

_OWN = ("body", "content_type", "accept", "timeout")


def invoke(
    endpoint: Annotated[
        str, typer.Argument(metavar="ENDPOINT", help="The name of the endpoint.", autocompletion=complete_names)
    ],
    body: Annotated[str, typer.Option(help="The body to send: a text, @FILE, or - for standard input.")],
    content_type: Annotated[
        Text, typer.Option(help="The MIME type of the body (default: application/json where it is JSON).")
    ] = None,
    accept: Annotated[Text, typer.Option(help="The wanted MIME type of the answer.")] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Print the parts of the answer as they arrive.")] = False,
    extra: Annotated[
        Texts,
        typer.Option("--with", metavar="KEY=VALUE", help="Another argument of the call: target-variant=blue. Repeat."),
    ] = None,
    timeout: Timeout = None,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    runtime_endpoint_url: Annotated[Text, typer.Option(help="The endpoint URL of the SageMaker runtime.")] = None,
) -> None:
    """Send a request to an endpoint and print the answer.

    The answer is written to standard output byte by byte. On a terminal, control characters are escaped. --json prints an
    object with Body, ContentType and InvokedProductionVariant. A JSON body appears there, and in --query, as its value.

    \b
    Examples:
      sagemaker-typed invoke canary --body '{"instances": [[1, 2, 3]]}'
      sagemaker-typed invoke canary --body @cat.jpg --content-type image/jpeg \\
          --query 'Body.predictions[0]'
      sagemaker-typed invoke llm --body @prompt.json --stream
      head -1 rows.csv | sagemaker-typed invoke canary --body - \\
          --content-type text/csv --with target-variant=blue
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    if stream and form.is_document:
        raise misuse("prints parts as they come, not a document", "--stream")
    options = {**_options(content_type, accept, extra), "timeout": to_seconds(timeout, "--timeout")}
    urls = {"sagemaker-runtime": runtime_endpoint_url} if runtime_endpoint_url else None
    with SageMaker(region=region, profile=profile, endpoint_url=endpoint_url, endpoint_urls=urls) as sm:
        method: Any = sm.endpoints.invoke_stream if stream else sm.endpoints.invoke
        check_call(method, options, "--with", endpoint, "")
        payload = _payload(body)
        if content_type is None and _is_json(payload):
            options["content_type"] = "application/json"
        answer = called(method, {**options, "body": payload}, "--with", endpoint)
        _show(answer, form)


def _options(content_type: str | None, accept: str | None, extra: list[str] | None) -> dict[str, Any]:
    """Return the arguments of the call besides the body."""
    named = {"content_type": content_type, "accept": accept}
    options: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
    for key, value in pairs(extra or [], "--with").items():
        if key in _OWN:
            raise misuse(f"{key.replace('_', '-')} has an option of its own", "--with")
        options[key] = value
    return options


def _show(answer: Any, form: OutputForm) -> None:
    """Print the answer, whole or part by part."""
    if isinstance(answer, EndpointStream):
        with answer:
            _print(answer)
    elif form.is_document:
        form.show(_document(answer))
    else:
        _print([answer.body])


def _payload(body: str) -> bytes:
    try:
        if body == "-":
            return sys.stdin.buffer.read()
        return Path(body[1:]).read_bytes() if body.startswith("@") else body.encode()
    except OSError as error:
        raise misuse(f"{body.removeprefix('@')}: {error.strerror or error}", "--body") from None


def _is_json(payload: bytes) -> bool:
    try:
        json.loads(payload)
    except (ValueError, RecursionError):
        return False
    return True


def _print(parts: Iterable[bytes]) -> None:
    """Print bytes unchanged. For people, escape control characters and end the last line."""
    if not on_terminal(sys.stdout):
        for part in parts:
            write_bytes(part)
        return
    last = "\n"
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    for part in parts:
        text = decoder.decode(part)
        write(text)
        sys.stdout.flush()
        last = text or last
    rest = decoder.decode(b"", True)
    write(printable(rest, lines=True) + ("" if (rest or last).endswith("\n") else "\n"))


def _document(answer: Any) -> dict[str, Any]:
    """Return the answer as a document. A JSON body becomes its value, a binary body base64, as in the AWS CLI."""
    body: Any
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        try:
            body = answer.text
        except (UnicodeDecodeError, LookupError):
            body = base64.b64encode(answer.body).decode()
    found = {
        "Body": body,
        "ContentType": answer.content_type,
        "InvokedProductionVariant": answer.invoked_variant,
        "CustomAttributes": answer.custom_attributes,
        "NewSessionId": answer.new_session_id,
        "ClosedSessionId": answer.closed_session_id,
    }
    return {name: value for name, value in found.items() if value is not None}
