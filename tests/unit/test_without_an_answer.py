"""Each error that botocore raises instead of an answer, and the class of ours that says what to do about it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions

from sagemaker_typed import errors
from sagemaker_typed._core.failures import no_answer

# By hand, from what botocore says of each in its docstring or its `fmt`.
CREDENTIALS = (
    "CredentialRetrievalError InfiniteLoopConfigError InvalidIMDSEndpointError InvalidIMDSEndpointModeError LoginError "
    "LoginAuthorizationCodeError LoginInsufficientPermissions LoginRefreshRequired LoginTokenLoadError MetadataRetrievalError "
    "NoAuthTokenError NoCredentialsError PartialCredentialsError RefreshWithMFAUnsupportedError SSOError SSOTokenLoadError "
    "TokenRetrievalError UnauthorizedSSOTokenError UnknownCredentialError"
)
CONFIGURATION = (
    "ConfigNotFound ConfigParseError EndpointProviderError EndpointResolutionError EndpointVariantError "
    "InvalidChecksumConfigError InvalidConfigError InvalidDefaultsMode InvalidMaxRetryAttemptsError InvalidProxiesConfigError "
    "InvalidRegionError InvalidRetryConfigurationError InvalidRetryModeError InvalidSTSRegionalEndpointsConfigError "
    "MissingDependencyException NoRegionError ProfileNotFound UnknownEndpointError UnknownEndpointResolutionBuiltInName "
    "UnknownSignatureVersionError UnsupportedSignatureVersionError"
)
TRANSPORT = (
    "ConnectionError ConnectionClosedError ConnectTimeoutError EndpointConnectionError HTTPClientError IncompleteReadError "
    "ProxyConnectionError ReadTimeoutError ResponseStreamingError SSLError"
)
NEITHER = "ChecksumError DataNotFoundError OperationNotPageableError ParamValidationError UnknownServiceError"
NEWER = {name for name in f"{CREDENTIALS} {CONFIGURATION}".split() if not hasattr(exceptions, name)}
"""Those that the installed botocore does not have yet."""


def raised(name: str) -> Any:
    cls: Any = getattr(exceptions, name)
    error = cls.__new__(cls)  # each is made from other arguments
    error.args, error.kwargs = (f"{name} happened",), {}
    return error


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        (name, cls)
        for names, cls in (
            (CREDENTIALS, errors.CredentialsError),
            (CONFIGURATION, errors.ConfigurationError),
            (TRANSPORT, errors.TransportError),
        )
        for name in names.split()
        if name not in NEWER
    ],
)
def test_which_class_says_it(name: str, cls: type[errors.SageMakerError]) -> None:
    error = no_answer(raised(name), "DescribeEndpoint")
    assert isinstance(error, cls)
    assert isinstance(error, getattr(exceptions, name))  # what boto3's users catch
    assert f"{name} happened" in str(error)
    assert error.operation == "DescribeEndpoint"


@pytest.mark.parametrize("name", NEITHER.split())
def test_other_errors_are_not_ours(name: str) -> None:
    assert no_answer(raised(name), "DescribeEndpoint") is None


def test_few_of_them_are_newer_than_the_oldest_botocore() -> None:
    assert {each for each in NEWER if not each.startswith("Login")} == set()
