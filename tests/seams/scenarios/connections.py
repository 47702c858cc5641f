"""Proxies, certificates, timeouts and pools."""

from __future__ import annotations

from botocore.config import Config

from tests.seams.scenario import KEYS, REGION, Scenario

BASE = KEYS | REGION
_PROXY = "http://proxy.example.test:3128"


def _with(name: str, **options: object) -> Scenario:
    return Scenario(f"connections/{name}", BASE, client={"config": Config(**options)})


SCENARIOS = [
    # Proxies
    Scenario("connections/HTTPS_PROXY", BASE | {"HTTPS_PROXY": _PROXY}),
    Scenario("connections/https_proxy", BASE | {"https_proxy": _PROXY}),
    Scenario("connections/HTTP_PROXY", BASE | {"HTTP_PROXY": _PROXY}),
    Scenario("connections/ALL_PROXY", BASE | {"ALL_PROXY": _PROXY}),
    Scenario("connections/NO_PROXY", BASE | {"HTTPS_PROXY": _PROXY, "NO_PROXY": "amazonaws.com"}),
    Scenario("connections/NO_PROXY-all", BASE | {"HTTPS_PROXY": _PROXY, "no_proxy": "*"}),
    Scenario("connections/NO_PROXY-others", BASE | {"HTTPS_PROXY": _PROXY, "NO_PROXY": "example.test"}),
    Scenario("connections/HTTP_PROXY-for-http", BASE | {"HTTP_PROXY": _PROXY}, client={"endpoint_url": "http://e.example.test"}),
    _with("proxies", proxies={"https": _PROXY}),
    _with("proxies-none", proxies={}),
    _with("proxies-with-password", proxies={"https": "http://user:pass@proxy.example.test:3128"}),
    _with("proxies-config", proxies={"https": "https://proxy.example.test"}, proxies_config={
        "proxy_ca_bundle": "/no/such/bundle", "proxy_client_cert": "/no/such/cert",
        "proxy_use_forwarding_for_https": True}),
    _with("proxies-config-odd", proxies={"https": _PROXY}, proxies_config={"proxy_use_forwarding_for_https": "x"}),
    Scenario("connections/proxies-over-variable", BASE | {"HTTPS_PROXY": "http://other.example.test"},
             client={"config": Config(proxies={"https": _PROXY})}),
    Scenario("connections/proxies-none-over-variable", BASE | {"HTTPS_PROXY": _PROXY}, client={"config": Config(proxies={})}),
    # Certificates
    Scenario("connections/AWS_CA_BUNDLE", BASE | {"AWS_CA_BUNDLE": "/no/such/bundle.pem"}),
    Scenario("connections/REQUESTS_CA_BUNDLE", BASE | {"REQUESTS_CA_BUNDLE": "/no/such/bundle.pem"}),
    Scenario("connections/both-bundles", BASE | {"AWS_CA_BUNDLE": "/one.pem", "REQUESTS_CA_BUNDLE": "/two.pem"}),
    Scenario("connections/profile-ca_bundle", BASE, "[default]\nca_bundle = /no/such/bundle.pem\n"),
    Scenario("connections/variable-over-profile-ca_bundle", BASE | {"AWS_CA_BUNDLE": "/one.pem"},
             "[default]\nca_bundle = /two.pem\n"),
    Scenario("connections/verify-off", BASE, client={"verify": False}),
    Scenario("connections/verify-bundle", BASE, client={"verify": "/no/such/bundle.pem"}),
    _with("client_cert", client_cert="/no/such/cert.pem"),
    _with("client_cert-and-key", client_cert=("/no/such/cert.pem", "/no/such/key.pem")),
    # Timeouts and pools
    _with("timeouts", connect_timeout=3, read_timeout=4.5),
    _with("timeouts-none", connect_timeout=None, read_timeout=None),
    _with("pool", max_pool_connections=3),
    _with("pool-of-ten", max_pool_connections=10),
    _with("tcp_keepalive", tcp_keepalive=True),
    Scenario("connections/profile-tcp_keepalive", BASE, "[default]\ntcp_keepalive = true\n"),
    Scenario("connections/session-pool", BASE, session_config=Config(max_pool_connections=7, connect_timeout=2)),
    Scenario("connections/session-pool-and-own", BASE, session_config=Config(max_pool_connections=7, connect_timeout=2),
             client={"config": Config(read_timeout=9)}),
    Scenario("connections/session-timeouts-and-own", BASE, session_config=Config(connect_timeout=2, read_timeout=3),
             client={"config": Config(read_timeout=9)}),
]  # fmt: skip
