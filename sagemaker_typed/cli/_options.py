"""The options that several commands share, each with one help text."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from sagemaker_typed.cli._completion import complete_kinds, complete_names

__all__ = ["AsJson", "AsYaml", "From", "Kind", "Name", "Names", "Query", "Quiet", "Set", "Texts", "Timeout", "With"]

# typer reads annotations at run time, and knows Optional in every version it supports.
Text = Optional[str]  # noqa: UP045
Texts = Optional[list[str]]  # noqa: UP045

Kind = Annotated[
    str,
    typer.Argument(metavar="KIND", help="compilation-job, endpoint, training-job, ...", autocompletion=complete_kinds),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the resource.", autocompletion=complete_names)]
Names = Annotated[list[str], typer.Argument(metavar="NAME", help="One name or several.", autocompletion=complete_names)]
From = Annotated[
    Text, typer.Option("--from", metavar="FILE", help="The request, as JSON or YAML; - reads standard input.")
]
Set = Annotated[
    Texts,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="Set one member of the request: output_config.target_device=ml_c5. Repeat."
    ),
]
With = Annotated[
    Texts, typer.Option("--with", metavar="KEY=VALUE", help="What else identifies it: domain-id=d-1. Repeat.")
]
Timeout = Annotated[Text, typer.Option(metavar="DURATION", help="Give up after this time: 90s, 30m, 6h.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
AsYaml = Annotated[bool, typer.Option("--yaml", help="Print the answer as YAML.")]
Query = Annotated[
    Text,
    typer.Option(metavar="JMESPATH", help="Print what this JMESPath expression finds in the JSON, as in the AWS CLI."),
]
