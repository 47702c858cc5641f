"""Runs a scenario along one road and notes what can be seen from outside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tests.seams.roads import OPEN
from tests.seams.scenario import Scenario
from tests.seams.server import Server
from tests.seams.world import Request, World, world

# Of a request's headers, not compared as they are: the user agent is meant to differ (`Seen["agent"]` has the parts that
# are not), the rest holds times and random numbers.
_USER_AGENT = "user-agent"
_SIGNATURE = re.compile(
    r"Credential=(?P<key>[^/]+)/\d{8}/(?P<scope>[^,]+), SignedHeaders=(?P<signed>[^,]+), Signature=\w+"
)
_NOISE = [
    ("x-amz-date", re.compile(r"\d{8}T\d{6}Z")),
    ("amz-sdk-invocation-id", re.compile(r"[0-9a-f-]{36}")),
    ("amz-sdk-request", re.compile(r"(?<=ttl=)\w+")),
    ("authorization", _SIGNATURE),
    ("x-amz-date-iso", re.compile(r"\d{8}T\d{6}Z")),
]

CONFIG = [
    "region_name", "signature_version", "connect_timeout", "read_timeout", "max_pool_connections", "proxies",
    "proxies_config", "retries", "client_cert", "inject_host_prefix", "tcp_keepalive", "user_agent_appid",
    "user_agent_extra", "use_fips_endpoint", "use_dualstack_endpoint", "ignore_configured_endpoint_urls",
    "request_min_compression_size_bytes", "disable_request_compression", "client_context_params",
    "sigv4a_signing_region_set", "request_checksum_calculation", "response_checksum_validation",
    "account_id_endpoint_mode", "auth_scheme_preference",
]  # fmt: skip

# What boto3 gives with every answer; mocks leave some of it out.
_METADATA: Mapping[str, Any] = {"RequestId": None, "HTTPStatusCode": None, "HTTPHeaders": {}, "RetryAttempts": 0}

Seen = dict[str, Any]
"""What was seen, by aspect; all of it plain values but `error`."""


def observe(scenario: Scenario, road: str, home: Path, server: Server) -> Seen:
    extra = scenario.oracle_env if road == "boto3" else {}
    notes: list[Any] = []
    around = nullcontext() if scenario.around is None else scenario.around(notes)
    with world(scenario, home, server, extra) as made, around:
        answers: list[Any] = []
        error: Exception | None = None
        client: Any = None
        try:
            way = OPEN[road](scenario)
            if scenario.before is not None:
                scenario.before(way.session.events, notes)
            client = way.client
            if scenario.after is not None:
                scenario.after(way, notes)
            for _ in range(scenario.calls):
                answers.append(way.call(scenario.operation, scenario.arguments))
        except Exception as raised:
            error = raised
        members = [
            answer and {name: value for name, value in answer.items() if name != "ResponseMetadata"}
            for answer in answers
        ]
        metadata = [answer and dict(_METADATA) | answer.get("ResponseMetadata", {}) for answer in answers]
        seen = _told(made) | {"answers": members, "metadata": metadata, "error": error, "notes": notes}
        if client is not None:
            seen |= _of_client(client)
    return seen


def _told(made: World) -> Seen:
    sent = made.requests
    signed = [_SIGNATURE.search(request.headers.get("authorization", "")) for request in sent]
    return {
        "urls": [f"{request.method} {request.url}" for request in sent],
        "headers": [_plain(request.headers) for request in sent],
        "bodies": [re.sub(r"botocore-session-\d+", "botocore-session-N", request.body) for request in sent],
        "keys": [None if found is None else found["key"] for found in signed],
        "scopes": [None if found is None else found["scope"] for found in signed],
        "agent": [_chosen_agent(request) for request in sent],
        "via": [request.via and dict(request.via) for request in sent],
        "events": made.events,
        "sleeps": made.sleeps,
    }


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    plain = {name: value for name, value in headers.items() if name != _USER_AGENT}
    for name, noise in _NOISE:
        if name in plain:
            found = noise.search(plain[name])
            kept = ":".join(found.groupdict().values()) if found else ""
            plain[name] = noise.sub(f"<{kept}>", plain[name])
    return plain


def _chosen_agent(request: Request) -> list[str]:
    """What a user says of themselves in the user agent."""
    return sorted(re.findall(r"\b(?:app|team)/\S+", request.headers.get(_USER_AGENT, "")))


def _of_client(client: Any) -> Seen:
    config = client.meta.config
    credentials = client._request_signer._credentials
    return {
        "config": {name: getattr(config, name, None) for name in CONFIG},
        "region": client.meta.region_name,
        "endpoint": client.meta.endpoint_url,
        "partition": client.meta.partition,
        "credentials": getattr(credentials, "method", None),
    }
