"""Rewrites code that uses boto3's SageMaker client."""

from __future__ import annotations

from sagemaker_typed.cli._rewriting.rewrite import Rewritten, UnreadableError, rewrite

__all__ = ["Rewritten", "UnreadableError", "rewrite"]
