"""Loads models: from files, wheels, the installed botocore, or the model bundled with this library."""

from __future__ import annotations

import difflib
import gzip
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, cast

from sagemaker_typed.changes._errors import InvalidModelError, ModelNotFoundError
from sagemaker_typed.changes._model import LEAVING, CheckedModel, Json

__all__ = ["Source", "load"]

Source = str | os.PathLike[str] | Mapping[str, Any]
"""A path, `"installed"`, `"bundled"`, or a loaded model."""

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_FILE = re.compile(r"service-2\.json(\.gz)?")
_IN_WHEEL = re.compile(r"botocore/data/(?P<service>[^/]+)/(?P<release>[^/]+)/service-2\.json(?:\.gz)?")


def load(source: Source, service: str) -> CheckedModel:
    """Read a model. `service` selects the service of a wheel or of the installed botocore.

    Raises:
        ModelNotFoundError: the file does not exist, or lacks the service.
        InvalidModelError: the source is not a service model, or is damaged.
    """
    if isinstance(source, Mapping):
        return CheckedModel(source, f"the model of {_name(source)}")
    if source == "installed":
        return _installed(service)
    if source == "bundled":
        return _bundled(service)
    path = Path(source)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelNotFoundError(f"there is no file {path}") from None
    except OSError as error:
        raise ModelNotFoundError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a null byte in the name
        raise ModelNotFoundError(f"{str(path)!r} is not a path: {error}") from None
    if content.startswith(_ZIP) or path.suffix == ".whl":
        return _of_wheel(content, path.name, service)
    return CheckedModel(_parsed(content, path.name), path.name)


def _name(document: Json) -> str:
    found = document.get("metadata")
    metadata: Json = cast("Json", found) if isinstance(found, Mapping) else {}
    return str(metadata.get("serviceId") or metadata.get("endpointPrefix") or "an unnamed service")


def _parsed(content: bytes, label: str) -> Any:
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise InvalidModelError(f"{label} is a damaged or truncated gzip file: {error}") from error
    try:
        return json.loads(content)
    except ValueError as error:
        raise InvalidModelError(f"{label} is not a service model: it is not JSON ({error})") from error
    except RecursionError:
        raise InvalidModelError(f"{label} is not a service model: its JSON is nested too deeply") from None


def _of_wheel(content: bytes, label: str, service: str) -> CheckedModel:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            matches = filter(None, map(_IN_WHEEL.fullmatch, wheel.namelist()))
            found = {(match["service"], match["release"]): match[0] for match in matches}
            services = {each for each, _ in found}
            if not services:
                raise ModelNotFoundError(f"{label} is not a botocore wheel: it contains no service models")
            if service not in services:
                raise _unknown(service, services, label)
            # As botocore's loader does, take the newest release. Releases are named by date.
            name = found[max(key for key in found if key[0] == service)]
            document = _parsed(wheel.read(name), f"{name} in {label}")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidModelError(f"{label} is a damaged or truncated wheel: {error}") from error
    return CheckedModel(document, label)


def _installed(service: str) -> CheckedModel:
    import botocore  # imported late, so that only this source waits for it

    label = f"botocore {botocore.__version__}"
    return CheckedModel(_of_folder(resources.files(botocore) / "data", service, label), label)


def _bundled(service: str) -> CheckedModel:
    folder = resources.files("sagemaker_typed") / "model"
    version = (folder / "botocore-version").read_text(encoding="utf-8").strip()
    label = f"the bundled model (botocore {version})"
    return CheckedModel(_of_the_service(_of_folder(folder, service, label)), label)


def _of_folder(folder: Traversable, service: str, label: str) -> Any:
    """Read the model from a folder laid out like botocore's `data`."""
    services = {entry.name: entry for entry in folder.iterdir() if entry.is_dir()}
    if service not in services:
        raise _unknown(service, services, label)
    for release in _newest_first(services[service].iterdir()):
        if release.is_dir():
            for file in release.iterdir():
                if _FILE.fullmatch(file.name):
                    return _parsed(file.read_bytes(), f"{file.name} of {label}")
    raise ModelNotFoundError(f"{label} contains no service model of {service}")


def _of_the_service(value: Any) -> Any:
    """Return a model without the elements that AWS has removed and this library still keeps."""
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).items()
        return {key: _of_the_service(item) for key, item in entries if not (isinstance(item, dict) and LEAVING in item)}
    if isinstance(value, list):
        return [_of_the_service(item) for item in cast("Sequence[Any]", value)]
    return value


def _newest_first(entries: Iterable[Traversable]) -> list[Traversable]:
    return sorted(entries, key=lambda entry: entry.name, reverse=True)


def _unknown(service: str, services: Collection[str], label: str) -> ModelNotFoundError:
    near = difflib.get_close_matches(service, services, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return ModelNotFoundError(f"{label} contains no service {service!r}{hint}")
