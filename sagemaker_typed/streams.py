"""Bodies of requests and responses: bytes, files, and streams that are read as they arrive."""

from __future__ import annotations

from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.streams import Blob, EventStream, Payload, Readable, StreamedBody

__all__ = ["Blob", "EventStream", "Payload", "Readable", "StreamedBody"]
__dir__ = offered(__name__)
