"""Every operation is a method of a group, and of `sm.api` under boto3's name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from sagemaker_typed import SageMaker
from sagemaker_typed.resources.groups import Groups
from sagemaker_typed.structure import operation_of
from tests.contract import model

ON_THE_CLIENT = frozenset({"search", "query_lineage", "get_search_suggestions"})


@cache
def sagemaker() -> SageMaker:
    return SageMaker()


@cache
def methods() -> Mapping[str, Callable[..., Any]]:
    """Every public method of every group, by its path on `sm`."""
    sm = sagemaker()
    names = [name for name, value in vars(Groups).items() if isinstance(value, property)]
    groups = {name: getattr(sm, name) for name in names}
    found = {
        f"{name}.{method}": getattr(group, method)
        for name, group in groups.items()
        for method, _ in inspect.getmembers(type(group), inspect.isfunction)
        if not method.startswith("_")
    }
    return found | {name: getattr(sm, name) for name in ON_THE_CLIENT}


@pytest.fixture(scope="module")
def boto3_names() -> Mapping[str, str]:
    """boto3's name of each operation."""
    client = model.boto3_client("http://127.0.0.1:9")  # never called
    names = {operation: method for method, operation in client.meta.method_to_api_mapping.items()}
    client.close()
    return names


def test_boto3_has_a_name_for_each(boto3_names: Mapping[str, str]) -> None:
    assert set(boto3_names) == set(model.OPERATIONS)


def test_the_flat_methods_are_those_of_boto3_and_no_other(boto3_names: Mapping[str, str]) -> None:
    assert dir(sagemaker().api) == sorted(boto3_names.values())


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_a_flat_method_is_the_method_of_a_group(operation: str, boto3_names: Mapping[str, str]) -> None:
    flat = getattr(sagemaker().api, boto3_names[operation])
    assert inspect.ismethod(flat)
    # Bound methods are equal if they are of the same object and the same function: no copy and no wrapper.
    paths = [path for path, method in methods().items() if method == flat]
    assert len(paths) == 1
    assert ("." not in paths[0]) == (boto3_names[operation] in ON_THE_CLIENT)


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_the_request_names_the_operation_as_the_wire_and_as_boto3_do(
    operation: str, boto3_names: Mapping[str, str]
) -> None:
    described = operation_of(model.request_class(operation))
    output = model.output_shape(operation)
    assert described.name == operation
    assert described.method == boto3_names[operation]
    assert described.output == (None if output is None else output.name)


def test_a_group_method_is_an_operation_or_is_made_of_some() -> None:
    api = sagemaker().api
    flat = [getattr(api, name) for name in dir(api)]
    others = {path for path, method in methods().items() if method not in flat}
    verbs = {path.partition(".")[2] for path in others}
    others_than_waits = {verb for verb in verbs if not verb.startswith("wait_") and not verb.endswith("_pages")}
    data_plane = {"invoke", "invoke_all", "invoke_async", "invoke_stream"}
    records = {"batch_get", "delete_record", "get_record", "ingest", "put_record", "schema", "update_record"}
    loops_and_metrics = {"put_metrics", "run_human_loop", "start_human_loop"}
    helpers = {"compile_for", "components", "deploy", "logs", "run", "run_v2", "search", "trials"}
    assert others_than_waits == data_plane | records | loops_and_metrics | helpers


def test_a_group_is_the_same_object_each_time() -> None:
    sm = sagemaker()
    assert sm.compilation_jobs is sm.compilation_jobs
    assert sm.api is sm.api


def test_a_name_that_boto3_has_not_either_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="create_nothing"):
        getattr(sagemaker().api, "create_nothing")  # noqa: B009
