"""The boto3 client of one `SageMaker` object: made at the first call, extended when needed, closed at the end."""

from __future__ import annotations

from collections.abc import Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from sagemaker_typed._core.forking import mend_after_fork, retire, with_own_connections
from sagemaker_typed._core.identity import Identity
from sagemaker_typed._core.portable import Settings, packed
from sagemaker_typed._core.raw import RawCall, RawClients
from sagemaker_typed._core.service import Service

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

    from sagemaker_typed._core.http.bound import Bound
    from sagemaker_typed._core.http.short import ShortWay
    from sagemaker_typed._core.session import ClientMaker
    from sagemaker_typed._core.validate import Validation
    from sagemaker_typed.structure import Request

__all__ = ["Connection"]

R = TypeVar("R")
_CLOSED = "this SageMaker object is closed"


class Connection:
    """Sends the requests of one service. It makes no client and looks up no settings before the first call."""

    def __init__(
        self,
        service: Service,
        *,
        session: boto3.Session | None = None,
        profile: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
        client: Any = None,
        config: Config | None = None,
        short_way: bool | None = None,
        endpoint_urls: Mapping[str, str] | None = None,
    ) -> None:
        if client is not None and any(item is not None for item in (region, profile, endpoint_url, session, config)):
            raise TypeError("client= has its own session, region, endpoint and config: pass it alone")
        if session is not None and not hasattr(session, "resource"):
            raise TypeError(f"session must be a boto3.Session, not a {type(session).__name__}")
        if session is not None and profile is not None:
            raise TypeError("session= cannot be combined with profile=: a session has its own profile")
        self.settings: dict[str, Any] = {"region": region, "profile": profile, "endpoint_url": endpoint_url}
        self._endpoint_urls = None if endpoint_urls is None else dict(endpoint_urls)
        self._service = service
        self._identity = Identity(session, profile)  # shared with views
        self._config = config
        self._client: Any = client
        self._given = client is not None
        self._whole = self._given
        self._maker: ClientMaker | None = None
        self._short_way = short_way
        self._short: ShortWay | None = None
        self._closed = False
        self._beside: dict[str, Connection] = {}
        self._others = RawClients(self._make_other)
        self._lock = RLock()
        mend_after_fork(self)

    def send(self, request: Request[R], validation: Validation, bound: Bound | None = None) -> R:
        """Send a request. If our model lacks one of its members, use a client with the installed botocore's model too.

        A `bound` limits the time of the call (`CallTimeoutError`) and the number of its attempts.
        """
        serving = self.serving(request)
        if serving is not self:
            return serving.send(request, validation, bound)
        from sagemaker_typed._core.call import call
        from sagemaker_typed.errors import InvalidRequestError

        client = self.client()
        try:
            return call(client, request, validation, bound, self._short)
        except InvalidRequestError as error:
            # The client's model lacks the member, so nothing was sent. Another thread may have extended it meanwhile.
            if not any(problem.rule == "unknown" for problem in error.problems) or self.whole_client() is client:
                raise
        return call(self.whole_client(), request, validation, bound, self._short)

    def serving(self, request: Request[Any]) -> Connection:
        """Return the connection to the service of a request."""
        return self.beside(getattr(type(request), "_service", self._service))

    def beside(self, service: Service) -> Connection:
        """Return the connection to a service, which shares session and config with this one."""
        if service is self._service:
            return self
        found = self._beside.get(service.name)
        if found is None:
            with self._lock:
                if self._closed:
                    raise RuntimeError(_CLOSED)
                found = self._beside.get(service.name)
                if found is None:
                    found = self._beside[service.name] = self._open_beside(service)
        return found

    def _open_beside(self, service: Service) -> Connection:
        url = (self._endpoint_urls or {}).get(service.name)
        if self._given:
            if getattr(getattr(self._client.meta, "service_model", None), "service_name", None) == service.name:
                return Connection(service, client=self._client)
            from sagemaker_typed._core.session import config_like, session_like

            base = session_like(self._client, service.name)
            region = self._client.meta.region_name
            like = Connection(service, region=region, endpoint_url=url, config=config_like(self._client))
            like._identity = Identity.of(base)
            return like
        found = Connection(
            service,
            region=self.settings["region"],
            endpoint_url=url,
            config=self._config,
            short_way=self._short_way,
        )
        found._identity = self._identity
        return found

    def ask(self, call: RawCall, bound: Bound) -> Mapping[str, Any]:
        """Call another service on the same session; return boto3's answer, or raise the typed error."""
        return self._others.send(call, bound)

    def _make_other(self, service: str) -> Any:
        """Return a client of another service. Its endpoint comes from `endpoint_urls`, the environment or the profile."""
        url = (self._endpoint_urls or {}).get(service)
        with self._lock:
            if not self._given:
                return self._open().other(service, url)
        from sagemaker_typed._core.session import client_like

        return client_like(self._client, service, url)

    def client(self) -> Any:
        """Return the client that sends typed calls."""
        client = self._client
        if client is None:
            with self._lock:
                maker = self._open()
                if self._client is None:
                    self._client = maker.bundled()
                    self._short = self._way()
                client = self._client
        return client

    @property
    def at_hand(self) -> tuple[Any, ShortWay] | None:
        """Return the client and its short way. Return None before the first call, after `close`, and without a short way."""
        client, short = self._client, self._short
        return None if client is None or short is None else (client, short)

    def _way(self) -> ShortWay | None:
        """Return the short way, which bypasses botocore. Calls of a caller's client always go through botocore."""
        if self._service.protocol != "json":
            return None  # its model cannot be extended
        from sagemaker_typed._core.http.short import ShortWay, is_switched_on

        return ShortWay() if is_switched_on(self._short_way) else None

    def whole_client(self) -> Any:
        """Return the client, extended by the models of the installed botocore and of the user."""
        if not self._whole:
            with self._lock:
                if self._widens():
                    self._client = self._open().whole()
                    self._short = self._way()
                self.client()
                self._whole = True
        return self.client()

    def _widens(self) -> bool:
        """Whether an extended client would know more than the current one."""
        with self._lock:
            return not self._whole and self._open().knows_other()

    def _open(self) -> ClientMaker:
        if self._closed:
            raise RuntimeError(_CLOSED)
        if self._maker is None:
            from sagemaker_typed._core.session import ClientMaker

            self._maker = ClientMaker(
                self._service,
                self._identity.base(),
                region=self.settings["region"],
                endpoint_url=self.settings["endpoint_url"],
                config=self._config,
            )
        return self._maker

    def view(self, config: Config | None) -> Connection:
        """Return a connection with another config on the same session."""
        if self._given:
            raise TypeError("the config of a client= cannot be changed")
        if self._closed:
            raise RuntimeError(_CLOSED)
        ours: Any = self._config
        merged = config if ours is None else ours if config is None else ours.merge(config)
        view = self._like(merged)
        self._identity.base()
        view._identity = self._identity
        return view

    def _like(self, config: Config | None) -> Connection:
        return Connection(
            self._service,
            session=self._identity.session,
            config=config,
            short_way=self._short_way,
            endpoint_urls=self._endpoint_urls,
            **self.settings,
        )

    # --- in other processes, and copied -------------------------------------------------------------------------------

    def after_fork(self) -> None:
        """Leave client and connections to the parent. The child makes a new client, or copies the caller's client."""
        self._lock = RLock()
        if self._given:
            self._client = with_own_connections(self._client)
            return
        if self._client is not None:
            retire(self._client)
        self._client = self._maker = self._short = None
        self._whole = False

    def portable(self) -> Settings:
        """Return the settings for another process. Raise `TypeError` if the caller passed a session or a client."""
        made_of = "client" if self._given else "session" if self._identity.session is not None else None
        if made_of is not None:
            raise TypeError(
                f"cannot pickle a SageMaker made from a {made_of}=: make it from a profile, a region or a config, "
                "or make a SageMaker(...) in each process"
            )
        return Settings(
            **self.settings,
            config=packed(self._config),
            short_way=self._short_way,
            endpoint_urls=self._endpoint_urls,
        )

    @classmethod
    def of(cls, service: Service, settings: Settings) -> Connection:
        """Make a connection from the settings of `portable`."""
        return cls(
            service,
            region=settings.region,
            profile=settings.profile,
            endpoint_url=settings.endpoint_url,
            config=settings.unpacked(),
            short_way=settings.short_way,
            endpoint_urls=settings.endpoint_urls,
        )

    def again(self) -> Connection:
        """Return a new connection with the same settings, and the same session or client if the caller passed one."""
        if self._given:
            return Connection(self._service, client=self._client, endpoint_urls=self._endpoint_urls)
        return self._like(self._config)

    # --- the end ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections of the client that this object made. A caller's client stays open."""
        self._others.close()
        with self._lock:
            for each in self._beside.values():
                each.close()
            if self._given:
                self._beside.clear()
                return
            if self._client is not None:
                self._client.close()
                self._client = self._short = None
            self._closed = True
