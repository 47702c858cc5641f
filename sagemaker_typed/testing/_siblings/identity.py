"""The caller identity: the part of STS that programs call before they use SageMaker."""

from __future__ import annotations

from html import escape

from sagemaker_typed.testing._resource import partition

__all__ = ["is_temporary", "who_calls"]

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_ROLE = "LocalSageMaker"
"""A role and not a user: programs that ask for their execution role take it from here."""


def is_temporary(access_key: str) -> bool:
    """Whether AssumeRole issued the access key, so that moto knows it."""
    return access_key.startswith("ASIA")


def who_calls(account_id: str, region: str, request_id: str) -> str:
    """Return the answer of GetCallerIdentity."""
    arn = f"arn:{partition(region)}:sts::{account_id}:assumed-role/{_ROLE}/local"
    return (
        f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}"><GetCallerIdentityResult>'
        f"<Arn>{escape(arn)}</Arn><UserId>AROALOCALSAGEMAKER00:local</UserId><Account>{account_id}</Account>"
        "</GetCallerIdentityResult><ResponseMetadata>"
        f"<RequestId>{request_id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
