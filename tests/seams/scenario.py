"""What a scenario is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from tests.seams.roads import Way

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "secret"}
REGION = {"AWS_DEFAULT_REGION": "eu-west-1"}

Notes: TypeAlias = list[Any]


ECHO = "echo"


@dataclass(frozen=True)
class Answer:
    """One answer of a service, or the failure that stands in its place."""

    body: Any = b"{}"
    """JSON unless it is bytes. `ECHO` gives back the request's members."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raises: str | None = None
    """A botocore exception's name: no answer comes."""


OK = Answer({"CompilationJobName": "n", "CompilationJobStatus": "COMPLETED", "CreationTime": 1.7e9})


def refused(code: str, message: str = "no", *, status: int = 400, **headers: str) -> Answer:
    return Answer({"__type": code, "message": message}, status, {k.replace("_", "-"): v for k, v in headers.items()})


@dataclass(frozen=True)
class Scenario:
    """What surrounds a call. In every text, `{home}` is a folder of the scenario's own and `{url}` the loopback server."""

    name: str
    """family/case"""
    env: Mapping[str, str] = field(default_factory=lambda: KEYS | REGION)
    config: str = ""
    """~/.aws/config"""
    credentials: str = ""
    """~/.aws/credentials"""
    files: Mapping[str, str | Callable[[], str]] = field(default_factory=dict)
    """Other files in `{home}`; a function makes a long text when it is needed."""
    session: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of `boto3.Session`."""
    session_config: Any = None
    """The default `Config` of the session beneath."""
    default_session: Mapping[str, Any] | None = None
    """Arguments of `boto3.setup_default_session`, if it was called."""
    client: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the client."""
    answers: Sequence[Answer] = (OK,)
    """SageMaker's, in order; the last one stays."""
    sts: Answer | None = None
    """STS's answer in place of credentials."""
    wire: Literal["replaced", "loopback"] = "replaced"
    """Whether requests end above the socket, or at an HTTP server on loopback."""
    before: Callable[[Any, Notes], None] | None = None
    """Registers handlers on the session's events, before there is a client."""
    after: Callable[[Way, Notes], None] | None = None
    """Registers handlers on the client."""
    around: Callable[[Notes], AbstractContextManager[Any]] | None = None
    """Patches what tracers patch, before there is a client."""
    operation: str = "DescribeCompilationJob"
    arguments: Mapping[str, Any] = field(default_factory=lambda: {"CompilationJobName": "n"})
    calls: int = 1
    bad_request: bool = False
    """The arguments are at fault, so that an error may say so."""
    oracle_env: Mapping[str, str] = field(default_factory=dict)
    """Set for boto3 only: says there what is the default here."""
    free: Sequence[str] = ()
    """Members of the client's config that may differ."""
    roads: Sequence[str] = ("own", "session", "client")

    def __str__(self) -> str:
        return self.name

    @property
    def chose_retries(self) -> bool:
        """Whether anybody but the defaults says how often to try."""
        variables = {*self.env, *self.oracle_env} & {"AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"}
        lines = f"{self.config}\n{self.credentials}"
        return bool(variables or "max_attempts" in lines or "retry_mode" in lines or self._configured("retries"))

    @property
    def chose_connections(self) -> bool:
        return self._configured("max_pool_connections")

    def _configured(self, option: str) -> bool:
        configs = (self.session_config, self.client.get("config"))
        return any(option in config._user_provided_options for config in configs if config is not None)
