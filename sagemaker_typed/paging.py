"""Pages of list operations. Each page is fetched when its first item is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.pages import AsyncPages, Pages

__all__ = ["AsyncPages", "Pages"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)
