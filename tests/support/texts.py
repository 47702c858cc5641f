"""Strings that satisfy a shape's pattern and length.

There is no generator from regular expressions here. The model's 250-odd patterns come down to a few kinds of text
(names, ARNs, locations, versions, ids), so one template of each kind is tried in turn and the first that fits is taken.
"""

import re
from collections.abc import Iterator
from functools import cache

ACCOUNT = "123456789012"
REGION = "us-west-2"

_PADDING = "0"
_NUMBERS = 1000

# {n} stands for a number, so that two members of one shape get two different texts. Where several templates fit, the
# first wins. All are short, because some patterns nest repetitions and need exponential time on long texts that do not
# match.
_TEMPLATES = (
    "a1b{n}",
    "s3://bucket/prefix-{n}/data",
    "https://example.com/path/{n}",
    f"arn:aws:iam::{ACCOUNT}:role/role-{{n}}",
    f"arn:aws:iam::{ACCOUNT}:rolealias/alias-{{n}}",
    f"arn:aws:iam::{ACCOUNT}:device-fleet/fleet-{{n}}",
    f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{n:08d}}-0000-4000-8000-000000000000",
    f"arn:aws:sns:{REGION}:{ACCOUNT}:topic-{{n}}",
    f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f{{n}}",
    f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:s{{n}}",
    f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/stack-{{n}}/id",
    f"arn:aws:codewhisperer:{REGION}:{ACCOUNT}:profile/p{{n}}",
    f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/c{{n}}",
    f"arn:aws:sso::{ACCOUNT}:application/ssoins-{{n:016d}}/apl-{{n:016d}}",
    "arn:aws:sso:::instance/ssoins-{n:016d}",
    f"arn:aws:sagemaker:us-west:{ACCOUNT}:edge-deployment/plan-{{n}}",
    f"arn:aws:sagemaker:us-west:{ACCOUNT}:edge-packaging-job/job-{{n}}",
    f"arn:aws:sagemaker:{REGION}:aws:hub-content/hub/Model/m{{n}}",
    f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hub-content/hub/DataSet/d{{n}}/1.0.0",
    f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:job/Category/job-{{n}}",
    f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/p/execution/e{{n}}",
    f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-card/card/export-job/e{{n}}",
    f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:image-version/image/{{n}}",
    f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:extension/sagemaker-x/y/z{{n}}",
    f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:partner-app/app-{{n:012d}}",
    f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:mlflow-app/app-{{n}}",
    "{n}",
    "{n:012d}",
    "1.0.{n}",
    "1.{n}",
    "Py 3.{n}",
    "{n}K",
    "{n:08d}-0000-4000-8000-000000000000",
    "sha256:{n:064d}",
    f"{REGION}a",
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
    "fs-{n:08d}.fsx.us-west-2.amazonaws.com",
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
# The one or two words between the account and the slash of a SageMaker ARN, as they stand in its pattern.
_RESOURCE_KIND = re.compile(r":\(?([a-z][a-z-]*[a-z])[|)\\]*[/|]")


def plain(name: str, number: int, minimum: int, maximum: int | None) -> str:
    """A text for a shape without a pattern. It begins with the shape's name, for the sake of failed assertions."""
    return f"{name} {number % _NUMBERS}"[:maximum].ljust(minimum, _PADDING)


def matching(pattern: str, number: int, minimum: int, maximum: int | None) -> str | None:
    """A text that `pattern` matches from end to end, the same for the same arguments; None where no template fits."""
    template = _template(pattern, minimum, maximum)
    if template is None:
        return None
    text = _write(template, number, minimum)
    # A template is chosen by its shortest text. A longer number may not fit, and then the shortest has to do.
    return text if _fits(pattern, text, maximum) else _write(template, 0, minimum)


@cache
def _template(pattern: str, minimum: int, maximum: int | None) -> str | None:
    try:
        re.compile(pattern)
    except re.error:  # written for another engine: nothing can be said to match it
        return None
    candidates = _candidates(pattern)
    return next((each for each in candidates if _fits(pattern, _write(each, 0, minimum), maximum)), None)


def _candidates(pattern: str) -> Iterator[str]:
    kind = _RESOURCE_KIND.search(pattern) if ":sagemaker:" in pattern else None
    if kind is not None:
        yield f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind[1]}/a{{n:011d}}"
    yield from _TEMPLATES


def _write(template: str, number: int, minimum: int) -> str:
    return template.format(n=number % _NUMBERS).ljust(minimum, _PADDING)


def _fits(pattern: str, text: str, maximum: int | None) -> bool:
    return (maximum is None or len(text) <= maximum) and re.fullmatch(pattern, text) is not None
