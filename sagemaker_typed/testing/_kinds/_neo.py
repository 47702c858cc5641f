"""The refusals of SageMaker Neo: by CreateCompilationJob at once, or later as a failed job.

The texts of failures are those of https://docs.aws.amazon.com/sagemaker/latest/dg/neo-troubleshooting-compilation.html,
the versions those of https://docs.aws.amazon.com/sagemaker/latest/dg/neo-supported-cloud.html.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any, cast

__all__ = ["refused", "uncompilable"]

_WITH_VERSIONS = ("MXNET", "PYTORCH", "TENSORFLOW", "TFLITE")
_INFERENTIA: Mapping[str, tuple[str, ...]] = {
    "MXNET": ("1.5", "1.8"),
    "PYTORCH": ("1.7", "1.8", "1.9"),
    "TENSORFLOW": ("1.15", "2.5"),
}
"""What compiles for ml_inf1."""
_SHAPELESS = frozenset({"XGBOOST", "SKLEARN", "TFLITE"})
"""Frameworks whose models say themselves what goes in, or for which it does not matter."""
_SHAPES_OF_PYTORCH = 2
"""The first version of PyTorch from whose models the shapes can be read."""


def refused(source: Mapping[str, Any], output: Mapping[str, Any]) -> str | None:
    """Return why CreateCompilationJob refuses a framework version. None if it accepts the version."""
    version, framework = source.get("FrameworkVersion"), source.get("Framework", "")
    if version is None:
        return None
    if framework not in _WITH_VERSIONS:
        return (
            f"Unsupported framework version field for framework {framework}. Framework version is only supported for "
            f"{', '.join(_WITH_VERSIONS)}."
        )
    if output.get("TargetDevice") == "ml_inf1" and _minor(version) not in _INFERENTIA.get(framework, ()):
        known = ", ".join(_INFERENTIA.get(framework, ())) or "none"
        return (
            f"Unsupported framework version {version} for target ml_inf1. Supported versions of {framework}: {known}."
        )
    return None


def uncompilable(source: Mapping[str, Any], output: Mapping[str, Any]) -> str | None:
    """Return why an accepted job fails. None if it does not fail."""
    if not str(source["S3Uri"]).endswith(".tar.gz"):
        return "Unable to untar input model. Please confirm the model is a tar.gz file"
    shapes = source.get("DataInputConfig")
    if shapes is None:
        return None if _derives(source, output) else _NO_SHAPES
    parsed = _parsed(shapes)
    if not isinstance(parsed, dict if source["Framework"] not in {"PYTORCH", "XGBOOST", "SKLEARN"} else dict | list):
        return f"DataInputConfig is no JSON dictionary of input names and shapes: {shapes}"
    return None


_NO_SHAPES = (
    "We are unable to extract DataInputConfig from the model due to input_config_derivation_error. "
    "Please override by providing a DataInputConfig during compilation job creation."
)


def _derives(source: Mapping[str, Any], output: Mapping[str, Any]) -> bool:
    """Whether Neo derives the input shapes itself, as it does for PyTorch 2 on cloud instances."""
    if source["Framework"] in _SHAPELESS:
        return True
    if source["Framework"] != "PYTORCH" or not str(output.get("TargetDevice", "ml_")).startswith("ml_"):
        return False
    major = str(source.get("FrameworkVersion", _SHAPES_OF_PYTORCH)).partition(".")[0]
    return not major.isdecimal() or int(major) >= _SHAPES_OF_PYTORCH


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _parsed(text: str) -> object:
    """Parse JSON, also with the single or escaped quotes of the documentation's examples."""
    for read in (json.loads, ast.literal_eval):
        for form in (text, text.replace('\\"', '"')):
            try:
                return cast("object", read(form))
            except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
                continue
    return None
