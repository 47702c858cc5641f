"""Where models come from, and what is said of those that cannot be compared."""

from __future__ import annotations

import gzip
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.changes import (
    DifferentServicesError,
    InvalidModelError,
    ModelNotFoundError,
    ServiceModelError,
    compare,
)
from tests.changes.models import Json, changed, list_of, map_of, model, operation, ref, structure, zoo

GROWN = changed("shapes/Ask/members/Extra", ref("String"))
MODEL = json.dumps(GROWN).encode()


def wheel(folder: Path, files: dict[str, bytes], name: str = "botocore-1.0.0-py3-none-any.whl") -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return folder / name


def file(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


# --- what can be read -------------------------------------------------------------------------------------------------

# A header without the time: workers of a test run must find the same tests.
PACKED = gzip.compress(MODEL, mtime=0)


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize(
    ("name", "content"), [("service-2.json", MODEL), ("service-2.json.gz", PACKED), ("odd", MODEL)]
)
def test_a_file(tmp_path: Path, name: str, content: bytes, as_text: bool) -> None:
    path = file(tmp_path, name, content)
    found = compare(zoo(), str(path) if as_text else path)
    assert list(found.updated_operations) == ["Put"]
    assert (found.service, found.old, found.new) == ("Zoo Service", "the model of Zoo", name)


def test_a_file_may_be_called_as_a_word_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file(tmp_path, "installed", MODEL)
    monkeypatch.chdir(tmp_path)
    assert compare(Path("installed"), "./installed").new == "installed"


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_wheel_has_the_newest_release_of_a_service(tmp_path: Path, suffix: str) -> None:
    def packed(document: Json) -> bytes:
        text = json.dumps(document).encode()
        return gzip.compress(text) if suffix else text

    path = wheel(
        tmp_path,
        {
            f"botocore/data/zoo/2015-01-01/service-2.json{suffix}": packed(zoo()),
            f"botocore/data/zoo/2020-01-01/service-2.json{suffix}": packed(GROWN),
            "botocore/data/zoo/2030-01-01/paginators-1.json": b"{}",
            f"botocore/data/farm/2030-01-01/service-2.json{suffix}": b"not read",
        },
    )
    assert list(compare(zoo(), path, service="zoo").updated_operations) == ["Put"]
    with pytest.raises(InvalidModelError, match=r"farm.*not JSON"):
        compare(path, zoo(), service="farm")


def test_the_bundled_model_is_what_the_installed_one_was_or_is() -> None:
    """None of what the generator leaves out is taken for a difference, whatever botocore is installed."""
    found = compare("bundled", "installed")
    versions = [text.removesuffix(")").rpartition(" ")[2] for text in (found.old, found.new)]
    if versions[0] == versions[1]:
        assert found.findings == ()
    assert not compare("bundled", "bundled").findings
    assert found.service == "Amazon SageMaker Service"
    assert not {each.value for each in found.of("trait_changed", "member_trait_changed")} & {"documentation"}


@pytest.mark.parametrize("service", ["ec2", "s3", "sqs", "route53", "kinesis", "wafv2", "dynamodb", "lexv2-runtime"])
def test_services_of_every_protocol(service: str) -> None:
    found = compare("installed", "installed", service=service)
    assert (found.findings, found.new_operations, found.updated_operations) == ((), (), {})


def test_a_renamed_service_is_the_same() -> None:
    old, new = zoo(), zoo()
    old["metadata"] = {"serviceId": "Menagerie", "uid": "zoo-2015-01-01"}
    new["metadata"] = {"serviceId": "Zoo", "uid": "zoo-2020-01-01"}
    assert compare(old, new).service == "Zoo"
    del old["metadata"]
    assert compare(old, new).findings == ()
    assert compare(old, old).service == "unnamed service"


# --- what cannot ------------------------------------------------------------------------------------------------------


def refused(old: Any, new: Any, kind: type[ServiceModelError], text: str, service: str = "sagemaker") -> None:
    with pytest.raises(kind, match=text) as caught:
        compare(old, new, service=service)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (kind, str(caught.value))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\xfa", "not JSON"),
        (b"[" * 100_000, "nested too deeply|not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no operations and no shapes"),
        (b'{"pagination": {}}', "no operations and no shapes"),
        (b'{"smithy": "2.0", "shapes": {}}', "no operations"),
        (b'{"operations": [], "shapes": {}}', "no operations"),
        (PACKED[:-20], "truncated gzip"),
        (PACKED[:5], "truncated gzip"),
        (PACKED[:40] + b"?" * 40, "damaged"),
        (gzip.compress(b"{}", mtime=0), "no operations and no shapes"),
    ],
)
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes, text: str) -> None:
    path = file(tmp_path, "some.json", content)
    refused(path, zoo(), InvalidModelError, text)
    refused(zoo(), path, InvalidModelError, text)


def test_there_is_nothing_to_read(tmp_path: Path) -> None:
    refused(tmp_path / "none.json", zoo(), ModelNotFoundError, "there is no file .*none.json")
    refused(tmp_path, zoo(), ModelNotFoundError, "cannot be read: Is a directory")
    refused("nul\0", zoo(), ModelNotFoundError, "is not a path")


def test_wheels_without_what_is_wanted(tmp_path: Path) -> None:
    other = wheel(tmp_path, {"boto3/__init__.py": b""}, "boto3-1.0.0-py3-none-any.whl")
    refused(other, zoo(), ModelNotFoundError, "contains no service models")
    botocore = wheel(tmp_path, {"botocore/data/zoo/2015-01-01/service-2.json": MODEL})
    refused(botocore, zoo(), ModelNotFoundError, "no service 'zo'; did you mean zoo?", "zo")
    cut = file(tmp_path, "cut.whl", botocore.read_bytes()[:-30])
    refused(cut, zoo(), InvalidModelError, "truncated wheel", "zoo")
    refused(file(tmp_path, "empty.whl", b""), zoo(), InvalidModelError, "truncated wheel")
    content = bytearray(botocore.read_bytes())
    content[120:140] = b"?" * 20
    refused(file(tmp_path, "damaged.whl", bytes(content)), zoo(), InvalidModelError, "damaged", "zoo")


@pytest.mark.parametrize("service", ["no-such", "../ec2", ""])
def test_a_service_that_is_not_there(service: str) -> None:
    refused("installed", zoo(), ModelNotFoundError, "contains no service", service)
    refused("bundled", zoo(), ModelNotFoundError, "the bundled model .* contains no service", service)


def test_two_services() -> None:
    other = zoo() | {"metadata": {"serviceId": "Farm"}}
    refused(zoo(), other, DifferentServicesError, "different services: Zoo and Farm")
    refused("bundled", zoo(), DifferentServicesError, "different services: SageMaker and Zoo")


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (model([operation("Do", "In")]), "the input of Do refers to the shape In, which does not exist"),
        (model([operation("Do", None, "Out")]), "the output of Do refers to the shape Out"),
        (
            model([operation("Do", None, None, "Bad", "Worse")]),
            r"an error of Do refers to the shape Bad.* \(and 1 more\)",
        ),
        (model([], S=structure(A="Gone")), "S.A refers to the shape Gone"),
        (model([], S=list_of("Gone")), "S.member refers to the shape Gone"),
        (model([], S=map_of("String", "Gone")), "S.value refers to the shape Gone"),
        (model([], S={"type": "map"}), "S.key does not refer to a shape"),
        (model([], S=structure(A={})), "S.A does not refer to a shape"),
        (model([], S={"type": "structure", "members": []}), None),
        (model([], S={"type": "structure", "members": ["A"]}), "members of S are not an object"),
        (model([], S={}), "S has no type"),
        (model([], S="string"), "S has no type"),
        (model([], S={"type": "string", "enum": "ab"}), "enum of S is not a list of texts"),
        (model([], S={"type": "string", "enum": [1]}), "enum of S is not a list of texts"),
        (model([], S={"type": "structure", "required": {"A": 1}}), "required of S is not a list of texts"),
        ({"operations": {"Do": None}, "shapes": {}}, "the operation Do is not an object"),
        ({"operations": {"Do": {"errors": "E"}}, "shapes": {}}, "errors of Do are not a list"),
        ({"operations": {"Do": {"input": "In"}}, "shapes": {}}, "input of Do does not refer to a shape"),
    ],
)
def test_a_model_whose_parts_do_not_fit(document: Any, text: str | None) -> None:
    if text is None:
        assert compare(document, document).findings == ()
    else:
        refused(document, zoo(), InvalidModelError, text)
        refused(zoo(), document, InvalidModelError, text)


def test_shapes_that_nest_too_deep() -> None:
    deep = model([operation("Do", "S0")], S500=structure(), **{f"S{n}": structure(A=f"S{n + 1}") for n in range(500)})
    grown = model(
        [operation("Do", "S0")], S500=structure(B="String"), **{f"S{n}": structure(A=f"S{n + 1}") for n in range(500)}
    )
    refused(deep, grown, InvalidModelError, "nests deeper than")
    refused(model([operation("Do", "S0")], S0=structure()), deep, InvalidModelError, "nests deeper than")
