"""`sagemaker-typed search`: resources that meet a condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from sagemaker_typed import to_boto3
from sagemaker_typed._core.hints import nearest
from sagemaker_typed._core.secrets import shown_document
from sagemaker_typed.cli._common import EndpointUrl, Profile, Region, Text, connect, misuse
from sagemaker_typed.cli._expressions import NotACondition, parse_condition, parse_property
from sagemaker_typed.cli._options import AsJson, AsYaml, Query
from sagemaker_typed.cli._output import OutputForm, show_table
from sagemaker_typed.cli._resources import word_of
from sagemaker_typed.cli.reading import collected
from sagemaker_typed.types import ResourceType

__all__ = ["complete_searched", "search"]


def _kinds() -> Mapping[str, ResourceType]:
    """Return the searchable kinds: training-job -> TrainingJob. ExperimentTrial is also trial."""
    found: dict[str, ResourceType] = {}
    for kind in ResourceType:
        word = word_of(str(kind))
        found[word] = kind
        if word.startswith("experiment-"):
            found[word.removeprefix("experiment-")] = kind
    return found


def complete_searched(incomplete: str) -> list[str]:
    return sorted(word for word in _kinds() if word.startswith(incomplete))


def search(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="training-job, trial-component, model-package, ...", autocompletion=complete_searched
        ),
    ],
    expression: Annotated[Text, typer.Argument(metavar="EXPRESSION", help="The condition (default: find all).")] = None,
    sort_by: Annotated[
        Text, typer.Option(metavar="PROPERTY", help="CreationTime, Metrics.accuracy, ... (default: LastModifiedTime).")
    ] = None,
    ascending: Annotated[bool, typer.Option("--ascending", help="Sort in ascending order.")] = False,
    limit: Annotated[int, typer.Option("--max", min=1, help="The most resources to print.")] = 100,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the search expression as JSON and send nothing.")
    ] = False,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Search for resources by properties, metrics and tags.

    An EXPRESSION compares properties, by AWS's names, with values: ==, !=, <, <=, >, >=, in ("a", "b"), .contains("word"),
    .exists(), .after(TIME), .before(TIME), .between(a, b). A TIME is "2026-01-31T12:00:00Z" or ago("7d"). Metrics, tags and
    hyperparameters are metric("accuracy"), tag("team"), hyper_parameter("epochs"). Join conditions by `and`, `or`, `not` and
    parentheses. nested("InputDataConfig", ChannelName == "train") matches within one element of a list. The form that
    Python prints works too: field("TrainingJobName").contains("resnet") & (metric("accuracy") > 0.9).

    \b
    Examples:
      sagemaker-typed search training-job \\
          'TrainingJobStatus == "Failed" and CreationTime > ago("7d")'
      sagemaker-typed search training-job 'metric("accuracy") > 0.9' \\
          --sort-by Metrics.accuracy
      sagemaker-typed search trial-component 'tag("team") in ("vision", "audio")'
      sagemaker-typed search training-job 'TrainingJobName.contains("resnet")' \\
          --query 'Results[].TrainingJob.TrainingJobArn'
    """
    form = OutputForm(as_json=as_json or explain, as_yaml=as_yaml, query=query)
    resource = _resource(kind)
    request = _request(resource, expression, sort_by, ascending)
    if explain:
        found = request.get("search_expression")
        form.show({} if found is None else to_boto3(found))
        return
    with connect(region, profile, endpoint_url) as sm:
        document = collected(sm.search(**request), limit, to_boto3 if form.is_document else shown_document)
    if form.is_document:
        form.show(document)
    else:
        # Each hit is a record with one member, the resource.
        show_table([item for record in document.get("Results", ()) for item in record.values()])


def _resource(word: str) -> ResourceType:
    known = _kinds()
    wanted = word.lower().replace("_", "-")
    for form in (wanted, wanted.removesuffix("s"), wanted.removesuffix("ies") + "y"):
        if form in known:
            return known[form]
    by_class = {str(kind).lower(): kind for kind in ResourceType}
    if word.lower() in by_class:
        return by_class[word.lower()]
    near = nearest(wanted, known)
    hint = f"; did you mean {near}?" if near else f"; there are {', '.join(known)}"
    raise misuse(f"SageMaker searches for no {word!r}{hint}", "KIND")


def _request(resource: ResourceType, expression: str | None, sort_by: str | None, ascending: bool) -> dict[str, Any]:
    request: dict[str, Any] = {"resource": resource}
    if expression is not None and expression.strip():
        try:
            condition = parse_condition(expression)
        except NotACondition as error:
            raise misuse(str(error), "EXPRESSION") from None
        request["search_expression"] = condition.to_expression(resource)
    if sort_by is not None:
        request["sort_by"] = parse_property(sort_by)
    if sort_by is not None or ascending:
        request["sort_order"] = "Ascending" if ascending else "Descending"
    return request
