"""Default values that the service fills in for omitted members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

__all__ = ["ESTIMATED", "filled"]

# The defaults in descriptions of training jobs and of the definitions in tuning jobs. Sources:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html, and answers of the service in
# public notebooks.
ESTIMATED: Mapping[str, Any] = {
    "InputDataConfig": [
        {
            "CompressionType": "None",
            "RecordWrapperType": "None",
            "DataSource": {"S3DataSource": {"S3DataDistributionType": "FullyReplicated"}},
        }
    ],
    "OutputDataConfig": {"KmsKeyId": ""},
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
}


def filled(document: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with defaults. A default structure fills an existing one, a default list each of its items."""
    found = dict(document)
    for name, value in usual.items():
        if isinstance(value, Mapping):
            if isinstance(found.get(name), Mapping):
                found[name] = filled(found[name], cast("Mapping[str, Any]", value))
        elif isinstance(value, list):
            (item,) = cast("list[Mapping[str, Any]]", value)
            if isinstance(found.get(name), list):
                found[name] = [filled(each, item) for each in cast("list[Mapping[str, Any]]", found[name])]
        else:
            found.setdefault(name, value)
    return found
