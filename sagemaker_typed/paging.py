"""Pages: one request a page, none before the first item is asked for."""

from __future__ import annotations

from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.pages import AsyncPages, Pages

__all__ = ["AsyncPages", "Pages"]
__dir__ = offered(__name__)
