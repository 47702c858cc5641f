"""Bodies of requests and responses: bytes, files, and streams that are read as they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.streams import Blob, EventStream, Payload, Readable, StreamedBody

__all__ = ["Blob", "EventStream", "Payload", "Readable", "StreamedBody"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)
