"""Where the region comes from, and which host it leads to."""

from __future__ import annotations

from botocore.config import Config

from tests.seams.scenario import KEYS, Scenario

_PROFILES = """
[default]
region = eu-central-1
[profile other]
region = ap-south-1
[profile none]
output = json
"""

# One of each partition, and some that no table lists.
_NAMES = [
    "us-east-1", "us-west-2", "eu-central-1", "ap-southeast-2", "cn-north-1", "cn-northwest-1", "us-gov-west-1",
    "us-gov-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1",
    "mars-north-1", "us-east-99", "local", "aws-global", "fips-us-east-1",
]  # fmt: skip
_VARIANTS = {
    "plain": {},
    "fips": {"use_fips_endpoint": True},
    "dualstack": {"use_dualstack_endpoint": True},
    "both": {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
}

_MATRIX = [
    Scenario(f"regions/{region}-{variant}", KEYS, client={"region_name": region, "config": Config(**options)},
             roads=["own", "session"] if variant == "plain" else ["own"])
    for region in _NAMES
    for variant, options in _VARIANTS.items()
]  # fmt: skip

_SOURCES = [
    Scenario("regions/argument", KEYS, client={"region_name": "sa-east-1"}),
    Scenario("regions/AWS_DEFAULT_REGION", KEYS | {"AWS_DEFAULT_REGION": "sa-east-1"}),
    Scenario("regions/AWS_REGION", KEYS | {"AWS_REGION": "sa-east-1"}),
    Scenario("regions/both-variables", KEYS | {"AWS_REGION": "sa-east-1", "AWS_DEFAULT_REGION": "ca-central-1"}),
    Scenario("regions/variable-over-profile", KEYS | {"AWS_DEFAULT_REGION": "sa-east-1"}, _PROFILES),
    Scenario("regions/argument-over-variable", KEYS | {"AWS_DEFAULT_REGION": "sa-east-1"},
             client={"region_name": "ca-central-1"}),
    Scenario("regions/default-profile", KEYS, _PROFILES),
    Scenario("regions/AWS_PROFILE", KEYS | {"AWS_PROFILE": "other"}, _PROFILES),
    Scenario("regions/AWS_DEFAULT_PROFILE", KEYS | {"AWS_DEFAULT_PROFILE": "other"}, _PROFILES),
    Scenario("regions/profile-argument", {}, _PROFILES, "[other]\naws_access_key_id = AKIDFILE\n"
             "aws_secret_access_key = s\n", session={"profile_name": "other"}),
    Scenario("regions/profile-without", KEYS | {"AWS_PROFILE": "none"}, _PROFILES),
    Scenario("regions/none", KEYS),
    Scenario("regions/none-with-config", KEYS, client={"config": Config(read_timeout=7)}),
    Scenario("regions/none-with-endpoint", KEYS, client={"endpoint_url": "https://vpce.example.test"}),
    Scenario("regions/session", KEYS, session={"region_name": "sa-east-1"}),
    Scenario("regions/session-over-variable", KEYS | {"AWS_DEFAULT_REGION": "ca-central-1"},
             session={"region_name": "sa-east-1"}),
    Scenario("regions/argument-over-session", KEYS, session={"region_name": "sa-east-1"},
             client={"region_name": "ca-central-1"}),
    Scenario("regions/config", KEYS, client={"config": Config(region_name="eu-north-1")}),
    Scenario("regions/config-over-variable", KEYS | {"AWS_DEFAULT_REGION": "us-east-1"},
             client={"config": Config(region_name="eu-north-1")}),
    Scenario("regions/config-over-profile", KEYS, _PROFILES, client={"config": Config(region_name="eu-north-1")}),
    Scenario("regions/config-over-session", KEYS, session={"region_name": "us-east-1"},
             client={"config": Config(region_name="eu-north-1")}),
    Scenario("regions/argument-over-config", KEYS,
             client={"region_name": "sa-east-1", "config": Config(region_name="eu-north-1")}),
    Scenario("regions/config-of-session", KEYS, session_config=Config(region_name="eu-north-1")),
    Scenario("regions/config-of-session-over-variable", KEYS | {"AWS_DEFAULT_REGION": "us-east-1"},
             session_config=Config(region_name="eu-north-1")),
    Scenario("regions/both-configs", KEYS, session_config=Config(region_name="eu-north-1"),
             client={"config": Config(region_name="eu-south-1")}),
    Scenario("regions/empty", KEYS, client={"region_name": ""}),
    Scenario("regions/empty-over-variable", KEYS | {"AWS_DEFAULT_REGION": "us-east-1"}, client={"region_name": ""}),
    Scenario("regions/empty-over-session", KEYS, session={"region_name": "us-east-1"}, client={"region_name": ""}),
    Scenario("regions/empty-variable", KEYS | {"AWS_DEFAULT_REGION": ""}),
    Scenario("regions/empty-in-config", KEYS | {"AWS_DEFAULT_REGION": "us-east-1"},
             client={"config": Config(region_name="")}),
    Scenario("regions/malformed", KEYS, client={"region_name": "us east 1"}),
    Scenario("regions/malformed-dot", KEYS, client={"region_name": "evil.test/"}),
    Scenario("regions/upper-case", KEYS, client={"region_name": "US-EAST-1"}),
    Scenario("regions/AWS_USE_FIPS_ENDPOINT", KEYS | {"AWS_REGION": "us-east-1", "AWS_USE_FIPS_ENDPOINT": "true",
             "AWS_DEFAULT_REGION": "us-east-1"}),
    Scenario("regions/AWS_USE_DUALSTACK_ENDPOINT", KEYS | {"AWS_DEFAULT_REGION": "us-east-1",
             "AWS_USE_DUALSTACK_ENDPOINT": "true"}),
    Scenario("regions/AWS_USE_FIPS_ENDPOINT-nonsense", KEYS | {"AWS_DEFAULT_REGION": "us-east-1",
             "AWS_USE_FIPS_ENDPOINT": "maybe"}),
    Scenario("regions/profile-fips-and-dualstack", KEYS,
             "[default]\nregion = us-west-2\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n"),
    Scenario("regions/fips-config-over-variable", KEYS | {"AWS_DEFAULT_REGION": "us-east-1",
             "AWS_USE_FIPS_ENDPOINT": "true"}, client={"config": Config(use_fips_endpoint=False)}),
]  # fmt: skip

SCENARIOS = _MATRIX + _SOURCES
