"""The HTML of notebooks, cell by cell: what a page shows, and in which colours. WCAG says which can be read."""

from __future__ import annotations

import html as stdlib
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sagemaker_typed import from_boto3, types
from sagemaker_typed._core.html import Markup, badge, bar, cell, details, link, table
from sagemaker_typed._core.notebook import html, html_of_pages
from sagemaker_typed.types import (
    AlgorithmSpecification,
    ContainerDefinition,
    DescribeTrainingJobResponse,
    ListModelsOutput,
    QueryLineageResponse,
    SearchExpression,
    Tag,
)

# --- colours ----------------------------------------------------------------------------------------------------------

TONES = {"good": "Completed", "bad": "Failed", "busy": "InProgress", "over": "Stopped"}


def luminance(colour: str) -> float:
    """Relative luminance: https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colours(text: str) -> list[str]:
    found = re.findall(r'#[^;"]*', re.sub(r"&#\d+;", "", text))
    assert all(re.fullmatch("#[0-9a-f]{3}|#[0-9a-f]{6}", each) for each in found)
    return found


@pytest.mark.parametrize("tone", TONES)
def test_each_colour_can_be_read_on_a_light_and_on_a_dark_page(tone: str) -> None:
    background, text = colours(badge(TONES[tone]))
    assert text == "#fff"
    assert contrast(background, "#ffffff") >= 4.5
    assert contrast(background, "#000000") >= 3
    assert colours(bar("x", tone, None)) == [background]
    assert colours(bar("x", tone, 0.5)) == [background] * 2


def test_each_health_has_a_colour_of_its_own() -> None:
    found = {tone: colours(badge(status))[0] for tone, status in TONES.items()}
    assert len({*found.values()}) == 4
    parts = {tone: [int(colour[at : at + 2], 16) for at in (1, 3, 5)] for tone, colour in found.items()}
    strongest = {tone: "rgb"[levels.index(max(levels))] for tone, levels in parts.items()}
    assert {tone: strongest[tone] for tone in ("good", "bad", "busy")} == {"good": "g", "bad": "r", "busy": "b"}
    assert max(parts["over"]) - min(parts["over"]) < 32  # a grey


@pytest.mark.parametrize("word", ["Skippe", "Unsupporte", "Dele", "Reache", "Starte", "Maintenanc"])
def test_a_part_of_a_word_says_nothing(word: str) -> None:
    assert badge(word) == word


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("", ""),
        ("<b>&'\"", stdlib.escape("<b>&'\"")),
        (Markup("<b>"), "<b>"),
        (3, "3"),
        (True, "True"),
        (0.1 + 0.2, "0.3"),
        (1234567890.125, "1234567890"),
        (1e300, "1e+300"),
        (float("nan"), "nan"),
        ("https://me:s3cret@h/x", "https://me:***@h/x"),
        ("x" * 300, "x" * 300),
        ("x" * 301, "x" * 297 + "..."),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04:05"),
    ],
)
def test_what_a_cell_shows(value: Any, shown: str) -> None:
    made = cell(value)
    assert type(made) is Markup
    assert made == shown


def test_a_cell_is_one_line() -> None:
    assert "\n" not in cell("a\nb")
    assert "a" in cell("a\nb")


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 999999, UTC), "2026-01-02 03:04:05"),
        (datetime(2026, 1, 1, 23, 30, tzinfo=timezone(timedelta(hours=-2))), "2026-01-02 01:30:00"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), "9999-12-31 23:59:59"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), f"{datetime(1, 1, 1):%Y-%m-%d} 00:00:00"),
    ],
)
def test_times_are_in_utc(moment: datetime, shown: str) -> None:
    assert cell(moment) == f'<span style="white-space:nowrap">{shown} UTC</span>'


def test_a_badge() -> None:
    assert badge("Frobnicated") == "Frobnicated"
    assert badge("<New>") == "&lt;New&gt;"
    assert badge("Failed: <x>").endswith(">Failed: &lt;x&gt;</span>")
    # A hundred characters say what a status is.
    assert colours(badge("-" * 96 + "Failed"))
    assert not colours(badge("-" * 97 + "Failed"))


@pytest.mark.parametrize(("share", "width"), [(0.0, "0.0%"), (0.255, "25.5%"), (1.0, "100.0%")])
def test_a_bar_is_as_wide_as_its_share(share: float, width: str) -> None:
    made = bar("<3 of 4>", "good", share)
    assert re.findall(r"[;\"]width:([^;]*);", made) == ["400px", width]
    assert "&lt;3 of 4&gt;" in made
    assert type(made) is Markup


def test_a_bar_of_an_unknown_share_is_a_dot() -> None:
    made = bar("<x>", "busy", None)
    assert "width" not in made
    assert stdlib.unescape(re.sub("<[^>]*>", "", made)) == "\N{BLACK CIRCLE} <x>"


def test_a_table_with_and_without_a_head() -> None:
    def tags(made: str) -> list[str]:
        return re.findall(r"<(\w+)", made)

    assert tags(table(("a", "b"), [("1", "2")])) == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert tags(table((), [("a", "1"), ("b", "2")])) == ["table", "tbody", "tr", "th", "td", "tr", "th", "td"]
    assert tags(table((), [])) == ["table", "tbody"]
    assert "&lt;a&gt;" in table(("<a>",), [])
    assert "<i>x</i>" in table((), [(Markup("<i>x</i>"),)])


def test_details() -> None:
    assert details("<a>", Markup("<b>x</b>")) == "<details><summary>&lt;a&gt;</summary><b>x</b></details>"


@pytest.mark.parametrize(("text", "shown"), [(None, "arn:aws:iam::1:role/r"), ("<r>", "&lt;r&gt;"), ("", "")])
def test_the_text_of_a_link(text: str | None, shown: str) -> None:
    made = link("arn:aws:iam::1:role/r", "sagemaker", text)
    assert made.endswith(f">{shown}</a>")
    assert 'target="_blank" rel="noopener"' in made
    assert 'style="color:inherit;text-decoration:underline"' in made
    assert link("arn:aws-moon:iam::1:role/r", "sagemaker", text) == (shown.replace("arn:aws:", "arn:aws-moon:"))


@pytest.mark.parametrize("arn", ["arn:aws-cn:iam::1:role/r", "arn:aws:sagemaker:us-west-2:1:", "arn:aws:sagemaker", ""])
def test_what_leads_nowhere_is_a_text(arn: str) -> None:
    assert link(arn, "sagemaker") == arn


def test_the_name_in_a_link_is_quoted() -> None:
    arn = "arn:aws:sagemaker:us-west-2:1:model/a/b+c"
    assert "#/models/a%2Fb%2Bc" in link(arn, "sagemaker")
    assert "arn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr" in link("arn:aws:iam::1:role/r", "sagemaker")


# --- objects ----------------------------------------------------------------------------------------------------------


def texts(made: str) -> list[str]:
    """The texts of the cells, without the tags in them."""
    cells = re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", made)
    return [stdlib.unescape(re.sub("<[^>]*>", "", each)) for each in cells]


def job(**members: Any) -> DescribeTrainingJobResponse:
    return from_boto3(DescribeTrainingJobResponse, members)


def models(*models: dict[str, Any], **more: Any) -> ListModelsOutput:
    return from_boto3(ListModelsOutput, {"Models": list(models), **more})


ARN = "arn:aws:sagemaker:us-west-2:123456789012:model/"


@pytest.mark.parametrize(("count", "more"), [(1, None), (50, None), (51, 1), (75, 25)])
def test_a_page_shows_fifty_rows(count: int, more: int | None) -> None:
    page = models(*({"ModelName": f"m-{number}"} for number in range(count)))
    made = html(page)
    assert made.startswith(f"<div><strong>ListModelsOutput</strong>: {count} models<table>")
    assert texts(made) == ["model_name", *(f"m-{number}" for number in range(min(count, 50)))]
    assert re.findall("<p>(.*?)</p>", made) == ([f"... {more} more"] if more else [])


@pytest.mark.parametrize("token", [None, "", "t"])
def test_a_page_says_whether_there_is_another(token: str | None) -> None:
    made = html(models({"ModelName": "m"}, NextToken=token))
    told = ["There are more: <code>next_token</code> is set."]
    assert re.findall("<p>(.*?)</p>(?=</div>$)", made) == (told if token == "t" else [])
    assert made.count("next_token") == (token == "t")
    assert "<th" in made


def test_a_page_without_items_is_a_table_of_its_members() -> None:
    assert html(models()) == f"<div><strong>ListModelsOutput</strong>{table((), [('models', '[]')])}</div>"


def test_the_columns_are_in_the_models_order_and_only_those_that_are_set() -> None:
    made = html(models({"CreationTime": datetime(2026, 1, 2, tzinfo=UTC)}, {"ModelName": "m", "New": 1}))
    head, first, second = texts(made)[:3], texts(made)[3:6], texts(made)[6:]
    assert head == ["model_name", "creation_time", "unknown_members"]
    assert (first, second) == (["", "2026-01-02 00:00:00 UTC", ""], ["m", "", "{'New': 1}"])


def test_a_name_stands_for_its_arn() -> None:
    made = html(models({"ModelName": "m", "ModelArn": f"{ARN}m"}, {"ModelArn": f"{ARN}n"}, {"ModelName": "o"}))
    assert texts(made) == ["model_name", "m", f"{ARN}n", "o"]
    assert re.findall(r'href="[^"]*#([^"]*)"', made) == ["/models/m", "/models/n"]


def test_a_name_that_is_no_text_is_no_link() -> None:
    page = models({"ModelName": "m", "ModelArn": f"{ARN}m"})
    page.models[0].model_name = 5  # type: ignore[assignment]
    assert texts(html(page)) == ["model_name", "5"]
    assert "<a " not in html(page)


@pytest.mark.parametrize(("asynchronous", "name", "way"), [(False, "Pages", ""), (True, "AsyncPages", "await ")])
def test_pages_say_how_to_get_the_items(asynchronous: bool, name: str, way: str) -> None:
    assert html_of_pages(types.ListModelsInput(), "ListModels", "sagemaker", asynchronous=asynchronous) == (
        f"<div><strong>{name}</strong> of ListModels<p>Items are fetched when you iterate. To see some: "
        f"<code>{way}pages.first()</code> or <code>{way}pages.to_pandas()</code>.</p></div>"
    )


def test_a_structure_inside_can_be_expanded() -> None:
    config = types.ImageConfig(repository_access_mode="Vpc")
    inside = details("ImageConfig", table((), [("repository_access_mode", "Vpc")]))
    assert html(ContainerDefinition(image_config=config)) == (
        f"<div><strong>ContainerDefinition</strong>{table((), [('image_config', inside)])}</div>"
    )


def test_an_arn_without_its_name_has_a_column() -> None:
    made = html(models({"ModelArn": f"{ARN}m"}))
    assert texts(made) == ["model_arn", f"{ARN}m"]
    assert made.count("<a ") == 1


def test_two_lists_are_members_that_can_be_expanded() -> None:
    answer = from_boto3(QueryLineageResponse, {"Vertices": [{"Arn": "v"}], "Edges": [{"SourceArn": "s"}, {}]})
    made = html(answer)
    assert re.findall("<summary>(.*?)</summary>", made) == ["1 Vertex", "2 Edge"]
    assert made.startswith("<div><strong>QueryLineageResponse</strong><table>")


def test_a_list_of_several_classes_is_no_table() -> None:
    page = models({"ModelName": "m"})
    page.models.append(Tag(key="k", value="v"))  # type: ignore[arg-type]
    made = html(page)
    assert re.findall("<summary>(.*?)</summary>", made) == ["2 items"]
    assert "Tag(key=" in made


def test_only_the_status_of_a_resource_has_a_colour() -> None:
    made = html(job(TrainingJobStatus="Failed", SecondaryStatus="Completed", TrainingJobName="Failed"))
    assert made.count("background:") == 2
    state = html(from_boto3(types.DescribeHumanTaskUiResponse, {"HumanTaskUiStatus": "Active"}))
    assert state.count("background:") == 1
    framework = html(types.InputConfig(s3_uri="s", framework="Failed"))  # type: ignore[arg-type]
    assert "background:" not in framework
    assert texts(framework) == ["s3_uri", "s", "framework", "Failed"]


def test_texts_that_are_arns_are_links() -> None:
    role = "arn:aws:iam::1:role/r"
    assert f">{role}</a>" in html(job(RoleArn=role))
    assert "<a " not in html(job(RoleArn=f"x{role}"))
    entries = html(AlgorithmSpecification(training_input_mode="File", container_entrypoint=[role, "x"]))
    assert entries.count("<a ") == 1
    assert f"{role}</a><br>x" in entries


def test_members_without_members_are_their_repr() -> None:
    assert texts(html(ContainerDefinition(image_config=types.ImageConfig(repository_access_mode=None)))) == [  # type: ignore[arg-type]
        "image_config",
        "ImageConfig()",
    ]


@pytest.mark.parametrize("value", [[], {}, 5, "x", None])
def test_an_empty_list_or_map_cannot_be_expanded(value: Any) -> None:
    tag = Tag(key="k", value="v")
    tag.value = value
    assert "<details>" not in html(tag)
    assert texts(html(tag)) == (["key", "k", "value", str(value)] if value is not None else ["key", "k"])


def test_a_list_in_a_row_is_cut() -> None:
    summary = models({"ModelName": "m"})
    summary.models[0].model_name = ["x" * 100]  # type: ignore[assignment]
    (_, shown) = texts(html(summary))
    assert shown == "['" + "x" * 55 + "..."
    assert len(shown) == 60


def test_a_structure_in_a_row_is_its_repr() -> None:
    inner = SearchExpression(sub_expressions=[SearchExpression(operator="And")])
    expression = SearchExpression(sub_expressions=[inner, inner])
    assert repr(inner) not in texts(html(expression))
    row = models({"ModelName": "m"})
    row.models[0].model_name = Tag(key="k", value="v")  # type: ignore[assignment]
    assert texts(html(row)) == ["model_name", "Tag(key='k', value='v')"]
