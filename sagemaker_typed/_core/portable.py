"""The settings of a connection in a form that can be pickled, to make the same connection in another process."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.tuples import NamedTuple

if TYPE_CHECKING:
    from botocore.config import Config

__all__ = ["Settings", "packed"]


class _Signature(Enum):
    """A replacement for `botocore.UNSIGNED`, which cannot be pickled."""

    UNSIGNED = "UNSIGNED"


class Settings(NamedTuple):
    """The settings of a connection."""

    region: str | None
    profile: str | None
    endpoint_url: str | None
    config: Any
    """The result of `packed`."""
    short_way: bool | None = None
    endpoint_urls: dict[str, str] | None = None

    def unpacked(self) -> Config | None:
        """Return the config."""
        given: Any = self.config
        if not is_mapping(given):
            config: Config | None = given
            return config
        from botocore import UNSIGNED
        from botocore.config import Config as Made

        return Made(**{name: UNSIGNED if item is _Signature.UNSIGNED else item for name, item in given.items()})


def packed(config: Config | None) -> Any:
    """Return the options that were passed to a config as a mapping, or the config itself if botocore does not keep them."""
    options: Any = getattr(config, "_user_provided_options", None)
    if options is None:
        return config
    from botocore import UNSIGNED

    return {name: _Signature.UNSIGNED if item is UNSIGNED else item for name, item in options.items()}
