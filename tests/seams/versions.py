"""The installed botocore beside the one from which the library was generated."""

from __future__ import annotations

from pathlib import Path

import botocore

import sagemaker_typed


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


_GENERATED_FROM = _numbers((Path(sagemaker_typed.__file__).parent / "model" / "botocore-version").read_text().strip())

OLDER = _numbers(botocore.__version__) < _GENERATED_FROM
