"""Endpoints that somebody configured."""

from __future__ import annotations

from botocore.config import Config

from tests.seams.scenario import KEYS, REGION, Scenario

BASE = KEYS | REGION
ANY = {"AWS_ENDPOINT_URL": "https://any.example.test"}
OWN = {"AWS_ENDPOINT_URL_SAGEMAKER": "https://own.example.test/base"}
IGNORE = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
ARGUMENT = {"endpoint_url": "https://argument.example.test"}

_PROFILE = """
[default]
region = eu-west-1
endpoint_url = https://profile-any.example.test
services = mine
[services mine]
sagemaker =
    endpoint_url = https://profile-own.example.test
s3 =
    endpoint_url = https://s3.example.test
[profile any]
region = eu-west-1
endpoint_url = https://profile-any.example.test
[profile ignoring]
region = eu-west-1
endpoint_url = https://profile-any.example.test
ignore_configured_endpoint_urls = true
[profile dangling]
region = eu-west-1
services = nobody
[profile runtime]
region = eu-west-1
services = runtime
[services runtime]
sagemaker_runtime =
    endpoint_url = https://runtime.example.test
"""

SCENARIOS = [
    Scenario("endpoints/AWS_ENDPOINT_URL", BASE | ANY),
    Scenario("endpoints/AWS_ENDPOINT_URL_SAGEMAKER", BASE | OWN),
    Scenario("endpoints/both-variables", BASE | ANY | OWN),
    Scenario("endpoints/variable-of-a-sibling", BASE | {"AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "https://r.example.test"}),
    Scenario("endpoints/variables-ignored", BASE | ANY | OWN | IGNORE),
    Scenario("endpoints/ignored-but-for-the-argument", BASE | ANY | OWN | IGNORE, client=ARGUMENT),
    Scenario("endpoints/ignored-by-config", BASE | ANY, client={"config": Config(ignore_configured_endpoint_urls=True)}),
    Scenario("endpoints/not-ignored-by-config", BASE | ANY | IGNORE,
             client={"config": Config(ignore_configured_endpoint_urls=False)}),
    Scenario("endpoints/argument", BASE, client=ARGUMENT),
    Scenario("endpoints/argument-over-variables", BASE | ANY | OWN, client=ARGUMENT),
    Scenario("endpoints/argument-over-profile", BASE, _PROFILE, client=ARGUMENT),
    Scenario("endpoints/profile", KEYS, _PROFILE),
    Scenario("endpoints/profile-any", KEYS | {"AWS_PROFILE": "any"}, _PROFILE),
    Scenario("endpoints/profile-ignoring", KEYS | {"AWS_PROFILE": "ignoring"}, _PROFILE),
    Scenario("endpoints/profile-without-its-services", KEYS | {"AWS_PROFILE": "dangling"}, _PROFILE),
    Scenario("endpoints/profile-of-a-sibling", KEYS | {"AWS_PROFILE": "runtime"}, _PROFILE),
    Scenario("endpoints/variable-over-profile", KEYS | ANY, _PROFILE),
    Scenario("endpoints/variable-over-profile-any", KEYS | ANY | {"AWS_PROFILE": "any"}, _PROFILE),
    Scenario("endpoints/profile-argument", KEYS, _PROFILE, session={"profile_name": "any"},
             credentials="[any]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\n"),
    Scenario("endpoints/with-fips", BASE | ANY, client={"config": Config(use_fips_endpoint=True)}),
    Scenario("endpoints/with-dualstack", BASE | ANY, client={"config": Config(use_dualstack_endpoint=True)}),
    Scenario("endpoints/argument-with-fips", BASE, client=ARGUMENT | {"config": Config(use_fips_endpoint=True)}),
    Scenario("endpoints/argument-http", BASE, client={"endpoint_url": "http://plain.example.test:8080"}),
    Scenario("endpoints/argument-with-path", BASE, client={"endpoint_url": "https://proxy.example.test/sagemaker/"}),
    Scenario("endpoints/argument-of-a-vpc", BASE,
             client={"endpoint_url": "https://vpce-1-2.api.sagemaker.us-west-2.vpce.amazonaws.com"}),
    Scenario("endpoints/argument-no-url", BASE, client={"endpoint_url": "nowhere"}),
    Scenario("endpoints/argument-empty", BASE, client={"endpoint_url": ""}),
    Scenario("endpoints/argument-no-host", BASE, client={"endpoint_url": "https://"}),
    Scenario("endpoints/argument-odd-host", BASE, client={"endpoint_url": "https://under_score.example.test"}),
    Scenario("endpoints/variable-no-url", BASE | {"AWS_ENDPOINT_URL_SAGEMAKER": "nowhere"}),
    Scenario("endpoints/variable-empty", BASE | {"AWS_ENDPOINT_URL_SAGEMAKER": ""}),
    Scenario("endpoints/region-of-another", BASE, client=ARGUMENT | {"region_name": "cn-north-1"}),
    Scenario("endpoints/use_ssl", BASE, client={"use_ssl": False}),
    Scenario("endpoints/default-session", BASE, client=ARGUMENT, default_session={"region_name": "us-east-2"}),
    Scenario("endpoints/table-of-the-users-own", BASE | {"AWS_DATA_PATH": "{home}/data"}, files={"data/endpoints.json": (
        '{"version": 3, "partitions": [{"partition": "aws", "dnsSuffix": "own.test", "regionRegex": "^.*$", "regions": '
        '{"eu-west-1": {"description": ""}}, "defaults": {"hostname": "{service}.{region}.{dnsSuffix}", "protocols": '
        '["https"], "signatureVersions": ["v4"]}, "services": {"api.sagemaker": {"endpoints": {"eu-west-1": {}}}}}]}')}),
]  # fmt: skip
