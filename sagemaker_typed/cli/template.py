"""`sagemaker-typed template`: a commented request to fill in, as YAML."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from sagemaker_typed import SageMaker
from sagemaker_typed.cli._common import write
from sagemaker_typed.cli._completion import complete_made
from sagemaker_typed.cli._documents import documents_of_yaml, values_of
from sagemaker_typed.cli._options import AsJson, Query
from sagemaker_typed.cli._output import OutputForm
from sagemaker_typed.cli._resources import group_of, request_of
from sagemaker_typed.cli._skeleton import skeleton

__all__ = ["template"]


class Verb(StrEnum):
    """The command that takes the request."""

    CREATE = "create"
    UPDATE = "update"
    START = "start"


def template(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="compilation-job, endpoint, model, ...", autocompletion=complete_made)
    ],
    verb: Annotated[Verb, typer.Option("--for", help="The command that takes the request.")] = Verb.CREATE,
    required: Annotated[bool, typer.Option("--required", help="Print only the required members.")] = False,
    wire: Annotated[
        bool, typer.Option("--wire", help="Use AWS's names: CompilationJobName, not compilation_job_name.")
    ] = False,
    as_json: AsJson = False,
    query: Query = None,
) -> None:
    """Print a request to fill in, as YAML that `create --from` takes.

    Each member comes with its meaning and its limits: the required ones first, the optional ones commented out. Members
    without a value are not sent. --json prints the required ones without comments. Nothing is sent.

    \b
    Examples:
      sagemaker-typed template compilation-job > job.yaml
      sagemaker-typed template training-job --required
      sagemaker-typed template endpoint --for update --wire
    """
    form = OutputForm(as_json=as_json, query=query)
    name = group_of(kind)
    cls = request_of(getattr(SageMaker(), name), name, verb.value, kind)  # makes no client before a call
    text = skeleton(cls, wire=wire, required_only=required or form.is_document)
    if not form.is_document:
        write(text)
        return
    for place in documents_of_yaml(cls.__name__, text, "template"):
        form.show(values_of(place.document))
