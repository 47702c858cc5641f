"""Code that the commands share: options, the client, exit codes, and one line for every error."""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import re
import sys
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Optional, cast

import typer
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_typed import SageMaker, errors, to_boto3
from sagemaker_typed._core import printable
from sagemaker_typed._core.failures import no_answer
from sagemaker_typed.cli._streams import Terminated

__all__ = [
    "EndpointUrl",
    "Exit",
    "Profile",
    "Region",
    "Text",
    "called",
    "check_call",
    "connect",
    "duration_of",
    "errors_in_one_line",
    "exit_code",
    "misuse",
    "one_line",
    "pairs",
    "plain",
    "query_of",
    "say",
    "show_json",
    "shown",
    "to_seconds",
    "warnings_in_one_line",
    "write",
]

# typer reads annotations at run time, and knows Optional in every version it supports.
Text = Optional[str]  # noqa: UP045
Region = Annotated[Text, typer.Option("--region", help="The AWS region.")]
Profile = Annotated[Text, typer.Option("--profile", help="The AWS profile.")]
EndpointUrl = Annotated[Text, typer.Option("--endpoint-url", help="The endpoint URL, such as an embedded SageMaker's.")]

_NUMBER = r"\d+(?:\.\d+)?"
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>{_NUMBER}){unit})?" for unit in "dhm") + rf"(?:(?P<s>{_NUMBER})s?)?")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


class Exit:
    """Exit codes."""

    FAILED = 1
    USAGE = 2
    STOPPED = 3
    TIMED_OUT = 4
    NOT_FOUND = 5
    NO_ACCESS = 6
    NO_ANSWER = 7
    NO_OUTPUT = 8
    INTERRUPTED = 130
    READER_GONE = 141
    TERMINATED = 143


def connect(region: str | None, profile: str | None, endpoint_url: str | None) -> SageMaker:
    return SageMaker(region=region, profile=profile, endpoint_url=endpoint_url)


def exit_code(error: BaseException) -> int:
    """Return the exit code for an error."""
    if isinstance(error, BotoCoreError) and not isinstance(error, errors.SageMakerError):
        error = no_answer(error, None) or error
    if isinstance(error, errors.WaitTimeoutError):
        # pyright narrows the error to an unknown type argument, and mypy to Any, for which a single cast is redundant.
        timeout = cast("errors.WaitTimeoutError[Any]", cast("object", error))
        # No poll was answered, so nobody knows whether the resource still runs. A service that throttles was reached.
        if timeout.status is None and timeout.response is None and not isinstance(error.__cause__, errors.ApiError):
            return Exit.NO_ANSWER
        return Exit.TIMED_OUT
    codes: list[tuple[type[Exception], int]] = [
        (errors.ResourceNotFoundError, Exit.NOT_FOUND),
        (errors.AccessDeniedError, Exit.NO_ACCESS),
        (errors.CredentialsError, Exit.NO_ACCESS),
        (errors.TransportError, Exit.NO_ANSWER),
        (errors.WaitStoppedError, Exit.STOPPED),
        (errors.InvalidRequestError, Exit.USAGE),
        (errors.ValidationError, Exit.USAGE),
        (errors.ConfigurationError, Exit.USAGE),
    ]
    return next((code for kind, code in codes if isinstance(error, kind)), Exit.FAILED)


@contextmanager
def errors_in_one_line() -> Generator[None, None, None]:
    """End the command with an exit code and one line if an error is raised."""
    try:
        with warnings_in_one_line():
            yield
    except (errors.SageMakerError, BotoCoreError, ClientError, OSError) as error:
        say(one_line(error))
        raise typer.Exit(exit_code(error)) from None
    except KeyboardInterrupt as interrupt:
        terminated = isinstance(interrupt, Terminated)
        if not getattr(interrupt, "__notes__", ()):  # otherwise a wait has said what continues
            say("terminated" if terminated else "interrupted")
        raise typer.Exit(Exit.TERMINATED if terminated else Exit.INTERRUPTED) from None


@contextmanager
def warnings_in_one_line() -> Generator[None, None, None]:
    """Show warnings of the library, from its logger or from Python, without their place in the code."""
    logger, handler = logging.getLogger("sagemaker_typed"), _StderrLines(logging.WARNING)
    propagates = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    advice: list[object] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", errors.InvalidRequestWarning)
            yield
            advice += [warning.message for warning in caught]
    finally:
        # Not after an error: the service has already named the problem.
        for message in dict.fromkeys(map(_flat, advice)):
            say(message)
        logger.removeHandler(handler)
        logger.propagate = propagates


class _StderrLines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())


def misuse(message: str, what: str) -> typer.Exit:
    """Return an exception that ends the command with exit code 2. Prints a line that names the problem."""
    say(f"{what}: {message}")
    return typer.Exit(Exit.USAGE)


def one_line(error: Exception) -> str:
    return _flat(error) or type(error).__name__


def _flat(message: object) -> str:
    return printable.one_line(printable.without_passwords(str(message)))


def say(message: object) -> None:
    """Print one line to standard error."""
    sys.stderr.write(_flat(message) + "\n")
    sys.stderr.flush()


def write(text: str) -> None:
    """Write text to standard output."""
    sys.stdout.write(printable.printable(text, lines=True))


def check_call(method: Callable[..., Any], arguments: Mapping[str, Any], option: str, *names: str) -> None:
    """Check the arguments of a method. Arguments that it does not take are misuse of their option."""
    try:
        inspect.signature(method).bind(*names, **arguments)
    except TypeError as error:
        # "missing a required argument: 'domain_id'" -> 'domain-id', as it is written here
        raise misuse(re.sub(r"'\w+'", lambda found: found[0].replace("_", "-"), one_line(error)), option) from None


def called(method: Callable[..., Any], arguments: Mapping[str, Any], option: str, *names: str) -> Any:
    """Call a method with the arguments of an option. Arguments that it does not take are misuse of the option."""
    check_call(method, arguments, option, *names)
    parameters = inspect.signature(method).parameters
    return method(*names, **{key: _meant(key, parameters[key], value, option) for key, value in arguments.items()})


def _meant(key: str, parameter: inspect.Parameter, value: Any, option: str) -> Any:
    """Convert a text by the annotation of its parameter: to a time, a number, or as it is."""
    if not isinstance(value, str):
        return value
    for kind, (convert, what) in _CONVERSIONS.items():
        if re.search(rf"\b{kind}\b", str(parameter.annotation)):
            try:
                return convert(value)
            except (KeyError, ValueError):
                raise misuse(f"{key.replace('_', '-')}: {value!r} is {what}", option) from None
    return value


_CONVERSIONS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "datetime": (datetime.fromisoformat, "no time: write 2026-01-31T12:00:00Z"),
    "bool": ({"true": True, "false": False}.__getitem__, "neither true nor false"),
    "int": (int, "no whole number"),
    "float": (float, "no number"),
}


def duration_of(text: str) -> float | None:
    """Return the seconds of 90, 90s, 30m, 1h30m or 2d; None for another text."""
    match = _DURATION.fullmatch(text.strip())
    parts = {unit: float(number) for unit, number in match.groupdict().items() if number} if match else {}
    return sum(number * _UNITS[unit] for unit, number in parts.items()) if parts else None


def to_seconds(text: str | None, option: str) -> float | None:
    """Return the seconds of a duration. Another text is misuse of the option."""
    if text is None:
        return None
    seconds = duration_of(text)
    if seconds is None:
        raise misuse(f"{text!r} is no duration: write 90s, 30m, 1h30m or 2d", option)
    return seconds


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """Parse domain-id=d-1 to {"domain_id": "d-1"}."""
    found: dict[str, str] = {}
    for text in texts:
        key, given, value = text.partition("=")
        if not (key and given):
            raise misuse(f"{text!r} is not KEY=VALUE", option)
        found[key.strip().replace("-", "_")] = value
    return found


def plain(value: Any) -> Any:
    """Convert a value to plain JSON values."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in cast("Sequence[Any]", value)]
    return value


def query_of(expression: str | None) -> Callable[[Any], Any] | None:
    """Return a compiled JMESPath expression."""
    if expression is None:
        return None
    jmespath: Any = importlib.import_module("jmespath")  # botocore's own dependency, without types

    def use(method: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return method(*arguments)
        except jmespath.exceptions.JMESPathError as error:
            raise misuse(one_line(error), "--query") from None

    compiled = use(jmespath.compile, expression)
    return lambda document: use(compiled.search, document)


def shown(response: Any) -> dict[str, Any]:
    """Return a response as the service sent it, without its metadata."""
    return {name: value for name, value in to_boto3(response).items() if name != "ResponseMetadata"}


def show_json(document: Any, indent: int | None = 4) -> None:
    """Write JSON to standard output, escaped for terminals and narrow encodings."""
    text = printable.escaped(json.dumps(plain(document), indent=indent, ensure_ascii=False))
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = printable.escaped(json.dumps(plain(document), indent=indent))
    sys.stdout.write(text + "\n")
