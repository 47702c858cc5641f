"""Every paginator of botocore, over an embedded SageMaker that holds several of everything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from sagemaker_typed.testing import LocalSageMaker
from tests.contract import model as contract
from tests.local.checked import service_model
from tests.local.every import CREATIONS, RULES, THERE, Wire, handled
from tests.local.support import HandClock
from tests.support import samples

PAGINATORS = contract.PAGINATORS
MANY = 13
MOST_PAGES = 40


@pytest.fixture(scope="module")
def crowded() -> Iterator[Wire]:
    """With several of everything that can be created just so. The tests of this file only read."""
    with LocalSageMaker(strict=True, clock=HandClock(), every=1) as local:
        wire = Wire(local)
        for creation in CREATIONS:
            shape = service_model().operation_model(creation).input_shape
            for variant in range(MANY):
                body = samples.to_wire(shape, samples.minimal(shape, variant=variant))
                if creation == "CreateHyperParameterTuningJob":
                    # Its training jobs start with it, and a sample may ask for hundreds at once.
                    body["HyperParameterTuningJobConfig"]["ResourceLimits"] = {"MaxParallelTrainingJobs": 1}
                wire.send(creation, body, THERE)
        yield wire
        wire.close()


@pytest.mark.surface
@pytest.mark.parametrize("operation", sorted(PAGINATORS))
def test_paginators_come_to_an_end(crowded: Wire, operation: str) -> None:
    shape = service_model().operation_model(operation).input_shape
    rules = PAGINATORS[operation]
    config = {"PageSize": 50 if operation == "ListTags" else 4} if "limit_key" in rules else {}
    pages = crowded.boto.get_paginator(xform_name(operation)).paginate(
        **samples.minimal(shape), PaginationConfig=config
    )
    counted, items = 0, Counter[str]()
    try:
        for page in pages:
            counted += 1
            assert counted <= MOST_PAGES
            if isinstance(rules.get("result_key"), str):
                items.update(json.dumps(item, sort_keys=True, default=str) for item in page[rules["result_key"]])
    except ClientError as error:
        answer: Any = error.response
        assert RULES.search(answer["Error"]["Message"])
        return
    if operation in handled():
        assert [item for item, times in items.items() if times > 1] == []
        assert counted == max(1, -(-items.total() // 4)) or operation in ("ListTags", "Search")


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        ("ListImages", "Images"),
        ("ListModelCards", "ModelCardSummaries"),
        ("ListMlflowTrackingServers", "TrackingServerSummaries"),
        ("ListExperiments", "ExperimentSummaries"),
        ("ListTrialComponents", "TrialComponentSummaries"),
        ("ListModelPackageGroups", "ModelPackageGroupSummaryList"),
        ("ListFeatureGroups", "FeatureGroupSummaries"),
        ("ListModels", "Models"),
        ("ListProcessingJobs", "ProcessingJobSummaries"),
    ],
)
def test_there_are_many_pages_to_come_to_an_end(crowded: Wire, operation: str, key: str) -> None:
    pages = crowded.boto.get_paginator(xform_name(operation)).paginate(PaginationConfig={"PageSize": 4})
    assert [len(page[key]) for page in pages] == [4, 4, 4, 1]
