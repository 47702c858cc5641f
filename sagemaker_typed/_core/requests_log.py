"""One DEBUG line for each request."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from botocore.exceptions import ClientError

from sagemaker_typed._core.printable import logger

__all__ = ["REQUESTS", "Watch"]

REQUESTS = logger("sagemaker_typed.requests")


class Watch:
    """Times one call, and logs how it ended."""

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self._started = perf_counter()

    def answered(self, answer: Mapping[str, Any]) -> None:
        self._log(answer.get("ResponseMetadata", {}), "")

    def failed(self, error: Exception) -> None:
        # Only a `ClientError` has a response dict; other botocore errors may hold a response of the HTTP library.
        response: dict[str, Any] = vars(error)["response"] if isinstance(error, ClientError) else {}
        self._log(response.get("ResponseMetadata", {}), response.get("Error", {}).get("Code") or type(error).__name__)

    def _log(self, metadata: Mapping[str, Any], error: str) -> None:
        milliseconds = (perf_counter() - self._started) * 1000
        status = metadata.get("HTTPStatusCode")
        parts = [
            self._operation,
            "no answer" if status is None else str(status),
            *([error] if error else []),
            f"in {milliseconds:.0f} ms",
        ]
        retries = metadata.get("RetryAttempts")
        attempts = [] if retries is None else [f"{retries + 1} attempt{'s' if retries else ''}"]
        request_id = metadata.get("RequestId")
        rest = [*attempts, *([f"request id {request_id}"] if request_id else [])]
        REQUESTS.debug("%s", ", ".join([" ".join(parts), *rest]))
