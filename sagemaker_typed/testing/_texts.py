"""Strings that satisfy a shape's pattern and length.

The texts are not generated from the regular expressions. The model's 250-odd patterns describe a few kinds of text
(names, ARNs, locations, versions, ids), so templates of each kind are tried in turn and the first match is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

__all__ = ["NOBODY", "NUMBERS", "Home", "fits", "kind_in", "matching", "plain"]

_PADDING = "0"
NUMBERS = 1000


@dataclass(frozen=True, slots=True)
class Home:
    """The partition, region and account in every ARN."""

    region: str = "us-west-2"
    account_id: str = "123456789012"
    partition: str = "aws"

    @property
    def land(self) -> str:
        """The region without its number, for the few ARN patterns that do not allow the number."""
        return self.region.rstrip("-0123456789")

    def arns(self, tail: str) -> tuple[str, str]:
        """Return the ARN of a SageMaker resource, with the full region and with the region without its number."""
        first, last = f"arn:{self.partition}:sagemaker:", f":{self.account_id}:{tail}"
        return f"{first}{self.region}{last}", f"{first}{self.land}{last}"


# {n} stands for a number, so that two members of one shape get two different texts. Where several templates fit, the
# first wins. All are short, because some patterns nest repetitions and need exponential time on long texts that do not
# match.
_TEMPLATES = (
    "a1b{n}",
    "s3://bucket/prefix-{n}/data",
    "https://example.com/path/{n}",
    "arn:{partition}:iam::{account}:role/role-{n}",
    "arn:{partition}:iam::{account}:rolealias/alias-{n}",
    "arn:{partition}:iam::{account}:device-fleet/fleet-{n}",
    "arn:{partition}:kms:{region}:{account}:key/{n:08d}-0000-4000-8000-000000000000",
    "arn:{partition}:sns:{region}:{account}:topic-{n}",
    "arn:{partition}:lambda:{region}:{account}:function:f{n}",
    "arn:{partition}:secretsmanager:{region}:{account}:secret:s{n}",
    "arn:{partition}:cloudformation:{region}:{account}:stack/stack-{n}/id",
    "arn:{partition}:codewhisperer:{region}:{account}:profile/p{n}",
    "arn:{partition}:eks:{region}:{account}:cluster/c{n}",
    "arn:{partition}:sso::{account}:application/ssoins-{n:016d}/apl-{n:016d}",
    "arn:{partition}:sso:::instance/ssoins-{n:016d}",
    "arn:{partition}:sagemaker:{region}:{account}:training-job/job-{n}",
    "arn:{partition}:sagemaker:{region}:aws:hub-content/hub/Model/m{n}",
    "arn:{partition}:sagemaker:{region}:{account}:hub-content/hub/DataSet/d{n}/1.0.0",
    "arn:{partition}:sagemaker:{region}:{account}:job/Category/job-{n}",
    "arn:{partition}:sagemaker:{region}:{account}:pipeline/p/execution/e{n}",
    "arn:{partition}:sagemaker:{region}:{account}:model-card/card/export-job/e{n}",
    "arn:{partition}:sagemaker:{region}:{account}:image-version/image/{n}",
    "arn:{partition}:sagemaker:{region}:{account}:extension/sagemaker-x/y/z{n}",
    "arn:{partition}:sagemaker:{region}:{account}:partner-app/app-{n:012d}",
    "arn:{partition}:sagemaker:{region}:{account}:mlflow-app/app-{n}",
    "{n}",
    "{n:012d}",
    "1.0.{n}",
    "1.{n}",
    "Py 3.{n}",
    "{n}K",
    "{n:08d}-0000-4000-8000-000000000000",
    "sha256:{n:064d}",
    "{region}a",
    "usw2-az1",
    "/opt/ml/p{n}",
    "/dev/sdf",
    "model/name-{n}",
    "ml.m5.large",
    "mig-1g.5gb",
    "d-{n}",
    "i-{n:08d}",
    "eni-{n:08d}",
    "eni-attach-{n:08d}",
    "ami-{n:08d}",
    "fs-{n:08d}",
    "fs-{n:08d}.fsx.{region}.amazonaws.com",
    "sg-{n}",
    "subnet-{n}",
    "vol-{n:08d}",
    "vpc-{n}",
    "vpce-{n}",
    "dzd-{n}",
    "ip-10-0-0-1.ec2.internal",
    "10.0.0.1",
    "10.0.0.0/16",
    "Mon:01:00",
    "1D",
    "US",
    "1",
    "p90",
    "job_{n}",
    "UserName",
    "DisplayName",
    "notebook-al2-v3",
)
# An error in Python's `re`. The patterns use it only inside brackets.
_JAVA_ALNUM = r"\p{Alnum}"
# The one or two words between the account and the slash of a SageMaker ARN, as they stand in its pattern.
_RESOURCE_KIND = re.compile(r":\(?([a-z][a-z-]*[a-z])[|)\\]*[/|]")

NOBODY = Home()


def plain(name: str, number: int, minimum: int, maximum: int | None) -> str:
    """Return a text for a shape without a pattern. It starts with a name, for readability."""
    return f"{name} {number % NUMBERS}"[:maximum].ljust(minimum, _PADDING)


def matching(pattern: str, number: int, minimum: int, maximum: int | None, home: Home = NOBODY) -> str | None:
    """Return a text that fully matches `pattern`, the same for the same arguments. None if no template matches."""
    template = _template(pattern, minimum, maximum, home)
    if template is None:
        return None
    text = _write(template, number, minimum, home)
    # A template is chosen by its shortest text. If a longer number does not fit, the shortest text is used.
    return text if fits(pattern, text, maximum) else _write(template, 0, minimum, home)


def fits(pattern: str, text: str, maximum: int | None) -> bool:
    """Whether the whole text matches. A pattern in the syntax of another regex engine matches nothing."""
    if maximum is not None and len(text) > maximum:
        return False
    try:
        return re.fullmatch(pattern.replace(_JAVA_ALNUM, "a-zA-Z0-9"), text) is not None
    except re.error:
        return False


def kind_in(pattern: str) -> str | None:
    """Return the type of resource in the pattern of a SageMaker ARN."""
    found = _RESOURCE_KIND.search(pattern) if ":sagemaker:" in pattern else None
    return None if found is None else found[1]


@cache
def _template(pattern: str, minimum: int, maximum: int | None, home: Home) -> str | None:
    candidates = _candidates(pattern)
    return next((each for each in candidates if fits(pattern, _write(each, 0, minimum, home), maximum)), None)


def _candidates(pattern: str) -> Iterator[str]:
    kind = kind_in(pattern)
    if kind is not None:
        yield f"arn:{{partition}}:sagemaker:{{region}}:{{account}}:{kind}/a{{n:011d}}"
        yield f"arn:{{partition}}:sagemaker:{{land}}:{{account}}:{kind}/a{{n:011d}}"
    yield from _TEMPLATES


def _write(template: str, number: int, minimum: int, home: Home) -> str:
    text = template.format(
        n=number % NUMBERS, partition=home.partition, region=home.region, land=home.land, account=home.account_id
    )
    return text.ljust(minimum, _PADDING)
