"""The artifacts that jobs write to the embedded S3: small archives that name their job."""

from __future__ import annotations

import gzip
import io
import json
import posixpath
import re
import tarfile
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

__all__ = ["archive", "base_name", "bucket_and_key"]

_HOST_OF_BUCKET = re.compile(r"(?P<bucket>.+)\.s3[.-][^/]*")


def bucket_and_key(uri: str) -> tuple[str, str]:
    """Split an s3:// URI, or an https:// URL with the bucket in its host or first in its path."""
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        return parts.netloc, uri.removeprefix(f"s3://{parts.netloc}").lstrip("/")
    path = unquote(parts.path).lstrip("/")
    in_host = _HOST_OF_BUCKET.fullmatch(parts.netloc)
    if in_host:
        return in_host["bucket"], path
    bucket, _, key = path.partition("/")
    return bucket, key


def base_name(source: str) -> str:
    """Return the base name for an artifact: `resnet` for `s3://bucket/models/resnet.tar.gz`."""
    last = posixpath.basename(source.rstrip("/"))
    return re.sub(r"\.(tar\.gz|tgz|tar|zip)$", "", last)


def archive(member_name: str, about: Mapping[str, str]) -> bytes:
    """Return a small tar.gz with one JSON file. The same text gives the same bytes."""
    text = json.dumps(about, indent=2).encode()
    member = tarfile.TarInfo(member_name)
    member.size = len(text)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        tar.addfile(member, io.BytesIO(text))
    return packed.getvalue()
