"""Makes the README that packages show: its links lead to the repository. hatchling calls this when it builds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

__all__ = ["ReadmeHook", "with_addresses"]

ADDRESS = "Repository"
"""The entry of `[project.urls]` that links are made from."""
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<path>(?!\w+:|#)[^)\s]+)\)")


def with_addresses(text: str, repository: str, version: str) -> str:
    """The text with whole addresses in place of paths; images get those of their bytes."""

    def whole(link: re.Match[str]) -> str:
        kind = "raw" if link["image"] else "blob"
        return f"{link['image']}[{link['text']}]({repository.rstrip('/')}/{kind}/v{version}/{link['path']})"

    return _LINK.sub(whole, text)


class ReadmeHook(MetadataHookInterface):
    """Fills in `readme`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by hatchling."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        whole = with_addresses(text, metadata["urls"][ADDRESS], metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": whole}
