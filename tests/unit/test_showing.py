"""How objects are shown: in a line, over several lines, as HTML; the progress of waits in a notebook; completion."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pprint import pformat
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sagemaker_typed import AsyncPages, Pages, SageMaker, from_boto3, types
from sagemaker_typed._core.html import badge, cell, link, table, tone
from sagemaker_typed.resources.waitable import WAITABLE
from sagemaker_typed.types import (
    ContainerDefinition,
    DescribeTrainingJobResponse,
    InputConfig,
    ListCompilationJobsRequest,
    ListCompilationJobsResponse,
    ListTagsInput,
    Tag,
)
from tests.contract.waits import WAITS, Wait
from tests.support.simulated import JumpyTime, Service, steady

MOMENT = datetime(2026, 11, 26, 7, 44, 21, tzinfo=UTC)
ARN = "arn:aws:sagemaker:us-west-2:123456789012:compilation-job/resnet-{}"


def page(count: int, **more: Any) -> ListCompilationJobsResponse:
    summaries = [
        {
            "CompilationJobName": f"resnet-{number}",
            "CompilationJobArn": ARN.format(number),
            "CreationTime": MOMENT,
            "CompilationTargetDevice": "ml_c5",
            "CompilationJobStatus": "COMPLETED",
        }
        for number in range(count)
    ]
    return from_boto3(ListCompilationJobsResponse, {"CompilationJobSummaries": summaries, **more})


# --- in a line --------------------------------------------------------------------------------------------------------


def test_a_page_of_a_hundred_is_a_line_that_says_what_it_holds() -> None:
    assert repr(page(100)) == (
        "ListCompilationJobsResponse(compilation_job_summaries=["
        "CompilationJobSummary(compilation_job_name='resnet-0', ... 4 more), ... 99 more])"
    )
    assert len(repr(page(100, NextToken="t" * 8000))) < 300


def test_what_fits_is_whole_and_what_does_not_is_cut_in_the_middle() -> None:
    small = InputConfig(s3_uri="s3://models/resnet.tar.gz", framework="PYTORCH")
    assert repr(small) == "InputConfig(s3_uri='s3://models/resnet.tar.gz', framework=<Framework.PYTORCH: 'PYTORCH'>)"
    long = repr(Tag(key="k", value="s3://" + "x" * 1000 + "/model.tar.gz"))
    assert long.startswith("Tag(key='k', value='s3://xxx")
    assert long.endswith("xxx/model.tar.gz')")
    assert "..." in long
    assert len(long) < 150


@pytest.mark.parametrize(
    "value",
    ["'\"" * 500, "\x00" * 500, "\N{SNOWMAN}" * 500, b"\x00" * 500, list(range(1000)), {str(n): n for n in range(999)}],
)
def test_odd_values_stay_short(value: Any) -> None:
    tag = Tag(key=value, value=value)
    tag.unknown_members = {"New": value}
    assert len(repr(tag)) < 400


def test_a_repr_does_not_look_at_what_it_does_not_show() -> None:
    class Loud:
        def __repr__(self) -> str:
            raise AssertionError("nobody sees this one")

    tags: Any = [Tag(key=f"key-{number}", value="v" * 100) for number in range(50)] + [Loud()]
    assert "more]" in repr(types.AddTagsInput(resource_arn=ARN, tags=tags))


@pytest.mark.parametrize(("size", "whole"), [(275, True), (276, True), (277, False)])
def test_three_hundred_characters_are_a_line(size: int, whole: bool) -> None:
    text = repr(Tag(key="k" * 3, value="v" * size))
    assert ("v" * size in text) is whole
    assert len(text) == size + 24 if whole else len(text) < 300


@pytest.mark.parametrize("last", [5, "", {}, [], None, b"", {"a": 1}, [[]]])
def test_a_line_may_be_full_to_the_last_character(last: Any) -> None:
    def text(size: int) -> str:
        tag = Tag(key="k" * size, value=last)
        tag.value = last
        return repr(tag)

    whole = f"Tag(key='', value={last!r})" if last is not None else "Tag(key='')"
    assert text(300 - len(whole)) == whole.replace("''", repr("k" * (300 - len(whole))), 1)
    assert len(text(301 - len(whole))) <= 300
    assert "..." in text(301 - len(whole)) or "more" in text(301 - len(whole))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([1, 2, 3], "[1, 2, 3]"),
        ({"a": [1], "b": {}}, "{'a': [1], 'b': {}}"),
        ([Tag(key="k", value="v"), None], "[Tag(key='k', value='v'), None]"),
    ],
)
def test_containers_are_shown_as_python_writes_them(value: Any, shown: str) -> None:
    tag = Tag(key="k", value="v")
    tag.value = value
    assert repr(tag) == f"Tag(key='k', value={shown})"


@pytest.mark.parametrize("size", range(95, 300, 7))
def test_what_is_cut_keeps_both_ends(size: int) -> None:
    text = repr(Tag(key="k" * 300, value="<" + "v" * size + ">"))
    assert len(text) <= 300
    assert text.startswith("Tag(key='kkk")
    shown = text.partition("value='")[2]
    assert shown.startswith("<v")
    assert shown.endswith("v>')")
    if "..." in shown:  # as many characters of the one end as of the other
        left, _, right = shown.removesuffix("')").partition("...")
        assert len(left) == len(right)


# --- whole ------------------------------------------------------------------------------------------------------------


def test_pprint_shows_all_members_and_items() -> None:
    text = pformat(page(100))
    assert all(f"compilation_job_name='resnet-{number}'" in text for number in range(100))
    assert text.startswith("ListCompilationJobsResponse(\n    compilation_job_summaries=[CompilationJobSummary(\n")
    config = InputConfig(s3_uri=f"s3://b/{'x' * 70}", framework="KERAS")
    assert pformat(config) == f"InputConfig(\n    s3_uri={config.s3_uri!r},\n    framework={config.framework!r})"
    loop = ContainerDefinition(environment={"KEY": "v" * 100})
    loop.model_package_name = loop  # type: ignore[assignment]
    assert "Recursion on ContainerDefinition" in pformat(loop)


def test_pprint_without_the_table_that_we_know_shows_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    import pprint

    from sagemaker_typed._core.showing import teach_pprint

    monkeypatch.setattr(pprint.PrettyPrinter, "_dispatch", None)
    teach_pprint(Tag.__repr__)
    monkeypatch.delitem(sys.modules, "pprint")
    teach_pprint(Tag.__repr__)
    assert repr(Tag(key="k", value="v")) == "Tag(key='k', value='v')"


def test_ipython_shows_all_members_and_ten_items() -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    assert pretty(Tag(key="k", value="v")) == "Tag(key='k', value='v')"
    text = pretty(page(100))
    assert "compilation_job_name='resnet-9'" in text
    assert "resnet-10" not in text
    assert "... 90 more]" in text
    loop = ContainerDefinition()
    loop.model_package_name = loop  # type: ignore[assignment]
    assert pretty(loop) == "ContainerDefinition(model_package_name=ContainerDefinition(...))"


# --- HTML -------------------------------------------------------------------------------------------------------------


class Read(HTMLParser):
    """The texts and links of HTML that is well-formed and holds nothing but tables."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: dict[str, str] = {}
        self.cells: list[str] = []
        self._href = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"a", "b", "br", "code", "details", "div", "p", "span", "strong", "summary"} | {
            "table", "tbody", "td", "th", "thead", "tr",
        }  # fmt: skip
        assert {name for name, _ in attrs} <= {"href", "rel", "style", "target"}
        if tag == "br":
            return
        self.open.append(tag)
        self._href = dict(attrs).get("href") or self._href
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._href:
            self.links[data] = self._href
            self._href = ""
        if {"td", "th"} & {*self.open}:
            self.cells[-1] += data


ATTACK = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>&amp;"


@pytest.mark.parametrize(("kind", "way"), [(Pages, "pages.first()"), (AsyncPages, "await pages.first()")])
def test_pages_show_their_request_and_send_nothing(kind: Any, way: str) -> None:
    html = kind(None, ListCompilationJobsRequest(name_contains=ATTACK, sort_by="Name"))._repr_html_()
    read = Read(html)
    assert read.cells == ["name_contains", ATTACK, "sort_by", "Name"]
    assert f"<strong>{kind.__name__}</strong> of ListCompilationJobs" in html
    assert f"<code>{way}</code>" in html
    assert Read(kind(None, ListCompilationJobsRequest())._repr_html_()).cells == []


@pytest.mark.parametrize("kind", [Pages, AsyncPages])
def test_the_resource_in_the_request_of_pages_leads_to_the_console(kind: Any) -> None:
    request = ListTagsInput(resource_arn="arn:aws:sagemaker:us-west-2:123456789012:endpoint/e")
    links = Read(kind(None, request)._repr_html_()).links
    assert links == Read(request._repr_html_()).links != {}


def test_a_page_is_a_table_whose_names_lead_to_the_console() -> None:
    read = Read(page(60, NextToken="t")._repr_html_())
    assert read.cells[:4] == [
        "compilation_job_name",
        "creation_time",
        "compilation_target_device",
        "compilation_job_status",
    ]
    assert read.cells[4:8] == ["resnet-0", "2026-11-26 07:44:21 UTC", "ml_c5", "COMPLETED"]
    assert len(read.cells) == 4 * 51
    assert read.links["resnet-0"] == (
        "https://us-west-2.console.aws.amazon.com/sagemaker/home?region=us-west-2#/compilation-jobs/resnet-0"
    )
    assert "... 10 more" in page(60)._repr_html_()
    assert "next_token" in page(60, NextToken="t")._repr_html_()


def job(**members: Any) -> DescribeTrainingJobResponse:
    return from_boto3(DescribeTrainingJobResponse, {"TrainingJobName": "bert", **members})


def test_an_answer_is_a_table_and_everything_in_it_is_escaped() -> None:
    html = job(
        TrainingJobStatus=ATTACK,
        TrainingJobArn=f"arn:aws:sagemaker:us-west-2:123456789012:training-job/{ATTACK}",
        FailureReason=ATTACK,
        HyperParameters={ATTACK: "s3cret"},
        InputDataConfig=[{"ChannelName": ATTACK}],
        AlgorithmSpecification={"MetricDefinitions": [{"Name": ATTACK}], "ContainerEntrypoint": [ATTACK, ATTACK]},
        **{ATTACK: {ATTACK: ATTACK}},
    )._repr_html_()
    read = Read(html)  # which knows no other tags
    assert "<script" not in html
    assert ATTACK in read.cells
    assert "s3cret" not in html
    assert "***" in read.cells
    assert read.links == {}


def test_secrets_passwords_and_long_texts_are_not_in_the_table() -> None:
    html = job(FailureReason="x" * 5000, ModelArtifacts={"S3ModelArtifacts": "https://me:s3cret@h/x"})._repr_html_()
    assert len(html) < 3000
    assert "s3cret" not in html


def test_structures_within_each_other_are_laid_out_six_deep() -> None:
    whole = inner = ContainerDefinition(image="level-0")
    for depth in range(1, 9):
        outer, inner = inner, ContainerDefinition(image=f"level-{depth}")
        outer.model_package_name = inner  # type: ignore[assignment]
    html = whole._repr_html_()
    assert html.count("<details>") == 6
    assert html.count("<table>") == 7
    assert "level-7" in html  # in the line that the last cell holds


def test_lists_and_mappings_show_fifty() -> None:
    for count, label in ((1, "1 item"), (50, "50 items"), (60, "60 items")):
        html = job(AlgorithmSpecification={"ContainerEntrypoint": ["word"] * count})._repr_html_()
        assert f"<summary>{label}</summary>" in html
        assert html.count("word") == min(count, 50)
    for count, label in ((1, "1 entry"), (50, "50 entries"), (60, "60 entries")):
        html = job(ProfilerConfig={"ProfilingParameters": {f"name-{n}": "word" for n in range(count)}})._repr_html_()
        assert f"<summary>{label}</summary>" in html
        assert html.count("word") == min(count, 50)


@pytest.mark.parametrize(
    ("arn", "url"),
    [
        ("arn:aws:sagemaker:eu-west-1:1:training-job/t", "https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/jobs/t"),
        ("arn:aws-cn:sagemaker:cn-north-1:1:model/m", "https://cn-north-1.console.amazonaws.cn/sagemaker/home?region=cn-north-1#/models/m"),
        ("arn:aws-us-gov:sagemaker:us-gov-west-1:1:endpoint/e",
         "https://us-gov-west-1.console.amazonaws-us-gov.com/sagemaker/home?region=us-gov-west-1#/endpoints/e"),
        ("arn:aws-cn:iam::1:role/r", None),
        ("arn:aws-moon:sagemaker:x:1:model/m", None),
        ("arn:aws:sagemaker:us-west-2:1:model/a b", None),
        ("arn:", None),
    ],
)  # fmt: skip
def test_where_an_arn_leads(arn: str, url: str | None) -> None:
    assert Read(f"<p>{link(arn, 'sagemaker')}</p>").links == ({arn: url} if url else {})


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::1:role/r",
        "arn:aws:sagemaker::1:model/m",
        "arn:aws:sagemaker:us-west-2:1:model/",
        "arn:aws:sagemaker:us-west-2:1:pipeline/p",
        "arn:aws:other:us-west-2:1:model/m",
    ],
)
def test_other_arns_lead_to_what_the_console_finds(arn: str) -> None:
    (url,) = Read(f"<p>{link(arn, 'sagemaker')}</p>").links.values()
    parts = urlsplit(url)
    assert (parts.netloc, parts.path, parse_qs(parts.query)) == ("console.aws.amazon.com", "/go/view", {"arn": [arn]})


def test_small_values_of_a_table() -> None:
    assert table(["a"], [[None], [1.5], ["<"], [True]]).count("<td") == 4
    assert cell(None) == ""
    assert cell(cell("<")) == "&lt;"
    assert cell(datetime.max.replace(tzinfo=UTC)) != ""
    assert badge("NeverHeardOf") == "NeverHeardOf"


EXPECTED = {"success": {"good"}, "failure": {"bad", "over"}, "stopped": {"over"}, "pending": {"busy"}}
ENDS = {"deleted", "stopped"}
"""States whose success is no good news. An experiment that runs is on its way, too."""


@pytest.mark.surface
@pytest.mark.parametrize(
    "wait", [each for each in WAITS if each.state not in ENDS and str(each) != "inference_experiments.running"], ids=str
)
def test_colours_mean_what_the_waits_mean(wait: Wait) -> None:
    first = next(iter(WAITABLE[wait.group].states))
    told = {status: tone(status) for status in wait.waiter.outcomes}
    if wait.state == first:
        wrong = {
            status: (tone_, wait.waiter.outcomes[status])
            for status, tone_ in told.items()
            if tone_ not in EXPECTED[wait.waiter.outcomes[status]] and status != "Unknown"
        }
        assert wrong == {}


# --- the progress of a wait in a notebook -----------------------------------------------------------------------------


class Shown:
    """Stands for `IPython.display`: what the output of a cell shows, one version after the other."""

    def __init__(self) -> None:
        self.outputs: list[list[dict[str, str]]] = []

    def display(self, forms: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        assert raw
        assert display_id
        versions = [forms]
        self.outputs.append(versions)
        return SimpleNamespace(update=lambda forms, raw: versions.append(forms))


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Shown:
    shown = Shown()
    ipython, module = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    module.display = shown.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return shown


def test_a_wait_shows_one_output_of_the_cell(notebook: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    service = Service(JumpyTime(), {"job": steady("STARTING", "INPROGRESS", "COMPLETED", every=100)})
    service.group.wait_until_completed("job", progress=True, timeout=3600)
    (versions,) = notebook.outputs
    assert versions[0]["text/plain"].startswith("compilation job 'job': STARTING")
    assert versions[-1]["text/plain"].startswith("compilation job 'job': COMPLETED")
    assert "width:100.0%" in versions[-1]["text/html"]
    for version in versions:
        Read(version["text/html"])
    assert capsys.readouterr() == ("", "")


def test_a_wait_on_many_fills_a_bar(notebook: Shown) -> None:
    jobs = {f"job-<{number}>": steady("STARTING", "COMPLETED", every=100.0 * (number + 1)) for number in range(4)}
    Service(JumpyTime(), jobs).group.wait_all(jobs, progress=True, timeout=3600)
    (versions,) = notebook.outputs
    widths = [
        float(version["text/html"].partition(";height")[0].rpartition("width:")[2].partition("%")[0])
        for version in versions
    ]
    assert widths == sorted(widths)
    assert {0.0, 100.0} <= set(widths)
    assert all("<0>" not in version["text/html"] for version in versions)


def test_ipython_in_a_terminal_is_no_notebook(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: SimpleNamespace()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    service = Service(JumpyTime(), {"job": steady("STARTING", "COMPLETED")})
    service.group.wait_until_completed("job", progress=True)
    assert "COMPLETED" in capsys.readouterr().err


# --- completion in IPython --------------------------------------------------------------------------------------------


class Completer:
    """As much of IPython as the extension needs."""

    def __init__(self, **names: Any) -> None:
        self.Completer = SimpleNamespace(custom_matchers=[])
        self.user_ns = names

    def __call__(self, text: str) -> list[str]:
        (matcher,) = self.Completer.custom_matchers
        found: list[str] = matcher(text)
        return found


def test_what_stands_behind_a_group_is_completed_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    from sagemaker_typed import load_ipython_extension

    sm = SageMaker(region="us-west-2")
    monkeypatch.setattr(sm, "send", None)
    monkeypatch.setattr(SageMaker, "boto3_client", property(lambda _: pytest.fail("a client was made")))
    complete = Completer(sm=sm, config=InputConfig(s3_uri="s", framework="KERAS"), text="a", broken=page(1))
    load_ipython_extension(complete)
    load_ipython_extension(complete)  # a second time changes nothing
    assert complete("sm.compilation_jobs.wait_u") == [
        f"sm.compilation_jobs.wait_until_{state}" for state in ("completed", "deleted", "stopped")
    ]
    assert "sm.api.describe_endpoint" in complete("sm.api.describe_e")
    assert complete("config.frame") == ["config.framework", "config.framework_version"]
    assert "config.framework.is_known" in complete("config.framework.")
    assert not [name for name in complete("sm.endpoints.") if name.rpartition(".")[2].startswith("_")]
    for text in (
        "text.",
        "nobody.",
        "sm",
        "config.s3_uri.",
        "sm.no_such.",
        "sm.boto3_client.",
        "sm.compilation_jobs.create.x.",
    ):
        assert complete(text) == []


@pytest.mark.filterwarnings("ignore:.*Completer.complete.*:PendingDeprecationWarning")
def test_ipython_itself_takes_the_extension() -> None:
    shells = pytest.importorskip("IPython.core.interactiveshell")
    shell = shells.InteractiveShell()
    shell.Completer.use_jedi = False
    shell.push({"sm": SageMaker(region="us-west-2")})
    assert shell.complete("sm.endpoints.desc")[1] == []
    shell.extension_manager.load_extension("sagemaker_typed")
    assert "sm.endpoints.describe" in shell.complete("sm.endpoints.desc")[1]
