"""The public pages, from the models that they were made from.

What stands here is what the pages hold undamaged, as it stands there; of a text that is cut off there, the part that is
left. Their sets are in no order, ours are sorted.
"""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import attrs
import pytest

from sagemaker_typed.changes import ModelChanges, compare

FIXTURES = Path(__file__).parent / "fixtures"
JETSON = "{'OutputConfig': {'TargetDevice': {'jetson_xavier', 'amba_cv22', 'imx8qm'}}}"
SITARA = "{'OutputConfig': {'TargetDevice': {'sitara_am57x'}}}"
KERAS = "{'InputConfig': {'Framework': {'KERAS'}}}"
VOLUME = "{'TransformResources': {'VolumeKmsKeyId': 'string'}}"
HUMAN_LOOP = """\
{'HumanLoopRequestSource': {'AwsManagedHumanLoopRequestSource': 'AWS/Rekognition/DetectModerationLabels/Image/V3 '
                                                                '| '
                                                                'AWS/Textract/AnalyzeDocument/Forms/V1'}}"""


@attrs.frozen
class Page:
    day: date
    old: str
    new: str
    heading: str
    operations: dict[str, dict[str, str]]
    """Operation -> side -> what is printed."""


PAGES = [
    Page(
        date(2018, 8, 30),
        "1.11.4",
        "1.11.5",
        "2018/08/30 - Amazon SageMaker Service - 4 updated api methods",
        {
            "CreateTransformJob": {"request": VOLUME},
            "DescribeEndpoint": {"response": "{'EndpointStatus': {'SystemUpdating'}}"},
            "DescribeTransformJob": {"response": VOLUME},
            "ListEndpoints": {
                "request": "{'StatusEquals': {'SystemUpdating'}}",
                "response": "{'Endpoints': {'EndpointStatus': {'SystemUpdating'}}}",
            },
        },
    ),
    Page(
        date(2020, 1, 10),
        "1.13.50",
        "1.14.0",
        "2020/01/10 - Amazon SageMaker Service - 3 updated api methods",
        {
            "CreateCompilationJob": {"request": KERAS},
            "DescribeCompilationJob": {"response": KERAS},
            "ListTrialComponents": {"request": "{'ExperimentName': 'string', 'TrialName': 'string'}"},
        },
    ),
    Page(
        date(2020, 2, 26),
        "1.15.7",
        "1.15.8",
        "2020/02/26 - Amazon SageMaker Service - 5 updated api methods",
        {
            "CreateCompilationJob": {"request": JETSON},
            "DescribeCompilationJob": {"response": JETSON},
            "ListCompilationJobs": {"response": "{'CompilationJobSummaries': {'CompilationTargetDevice': {'amba_cv22',"},
            "ListTrials": {"request": "{'TrialComponentName': 'string'}"},
            "UpdateEndpoint": {
                "request": """\
{'ExcludeRetainedVariantProperties': [{'VariantPropertyType': 'DesiredInstanceCount '
                                                              '| DesiredWeight '
                                                              '| '
"""
            },
        },
    ),
    Page(
        date(2020, 3, 26),
        "1.15.29",
        "1.15.30",
        "2020/03/26 - Amazon SageMaker Service - 6 updated api methods",
        {
            "CreateCompilationJob": {"request": SITARA},
            "CreateFlowDefinition": {"request": HUMAN_LOOP},
            "DescribeCompilationJob": {"response": SITARA},
            "DescribeFlowDefinition": {"response": HUMAN_LOOP},
            "ListCompilationJobs": {"response": "{'CompilationJobSummaries': {'CompilationTargetDevice': {'sitara_am57x'}}}"},
            "Search": {
                "request": """\
{'SearchExpression': {'Filters': {'Operator': {'In'}},
                      'NestedFilters': {'Filters': {'Operator': {'In'}}}}}"""
            },
        },
    ),
]  # fmt: skip


def changes(page: Page) -> ModelChanges:
    return compare(FIXTURES / f"{page.old}.json.gz", FIXTURES / f"{page.new}.json.gz")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.day))
def test_the_page_says_what_the_public_one_says(page: Page) -> None:
    found = changes(page)
    service, heading, *blocks = found.page(day=page.day).split("\n\n")
    assert (service, heading) == ("Amazon SageMaker Service", page.heading)
    assert [block.partition(" ")[0] for block in blocks] == list(page.operations)
    for block, (name, sides) in zip(blocks, page.operations.items(), strict=True):
        first, label, *rest = block.split("\n")
        assert (first, label) == (f"{name} (updated)", f"Changes ({', '.join(sides)})")
        shown = found.to_dict()["updated"][name]
        assert list(shown) == list(sides)
        text = "\n".join(rest)
        for side, printed in sides.items():
            if printed.startswith(JETSON[:10]) and "," in printed:  # a set of several, in no order
                assert ast.literal_eval(shown[side]["text"]) == ast.literal_eval(printed)
            else:
                assert shown[side]["text"].startswith(printed)
            assert shown[side]["text"] in text
        if len(sides) == 2:
            assert text == f"Request\n{shown['request']['text']}\nResponse\n{shown['response']['text']}"


def test_dicts_that_the_public_page_holds_in_part() -> None:
    february = changes(PAGES[2]).updated_operations
    assert february["ListCompilationJobs"].response == {
        "CompilationJobSummaries": {"CompilationTargetDevice": {"amba_cv22", "imx8qm", "jetson_xavier"}}
    }
    assert february["UpdateEndpoint"].request == {
        "ExcludeRetainedVariantProperties": [
            {"VariantPropertyType": "DesiredInstanceCount | DesiredWeight | DataCaptureConfig"}
        ],
        "RetainAllVariantProperties": "boolean",
    }


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (PAGES[0], []),
        (PAGES[1], ["TaskAvailabilityLifetimeInSeconds: min 1 is now 60"]),
        (PAGES[2], []),
        (
            PAGES[3],
            [
                "CsvContentType: max None is now 256",
                "FlowDefinitionStatus: value 'Deleted' removed",
                "HumanLoopActivationConfig.HumanLoopRequestSource: member removed (structure)",
                "JsonContentType: max None is now 256",
            ],
        ),
    ],
    ids=lambda value: str(value.day) if isinstance(value, Page) else "",
)
def test_what_the_page_hides_is_a_breaking_finding(page: Page, expected: list[str]) -> None:
    found = changes(page)
    assert [str(each) for each in found.findings if each.severity == "breaking"] == expected
    assert found.verdict == ("breaking" if expected else "compatible")


def test_members_that_point_at_another_shape() -> None:
    found = changes(PAGES[2]).of("member_shape_renamed")
    assert [(each.where, each.old, each.new, each.severity) for each in found] == [
        (f"ExperimentConfig.{name}", "ExperimentConfigName", "ExperimentEntityName", "conditional")
        for name in ("ExperimentName", "TrialComponentDisplayName", "TrialName")
    ]
