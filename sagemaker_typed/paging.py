"""Pages: one request a page, none before the first item is asked for."""

from __future__ import annotations

from sagemaker_typed._core.pages import Pages

__all__ = ["Pages"]
