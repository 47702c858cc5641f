"""Enum values that AWS took back: they stay for one minor version, and warn."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from sagemaker_typed.codegen.guesses import taken_back
from sagemaker_typed.codegen.kept import complaints
from sagemaker_typed.codegen.names import Namer
from sagemaker_typed.codegen.problems import Problems
from sagemaker_typed.codegen.render_types import TypesRenderer
from sagemaker_typed.codegen.stubs import stub
from sagemaker_typed.enums import OpenEnum
from tests.codegen.sketch import Sketch, blank, plan_of

KEPT = blank(kept={"values": {"Device.ml_m4": "0.4.0"}})


def sketch() -> Sketch:
    return Sketch().enum("Device", "ml_c5", "lambda").resource("Kite", {"Device": "Device"})


def module_with(kept: bool = True) -> str:
    plan = plan_of(sketch(), KEPT if kept else None)
    renderer = TypesRenderer(plan, Namer(KEPT.names, Problems()))
    (module,) = [each for each in plan.modules if any(enum.name == "Device" for enum in each.enums)]
    return renderer.module(module)


def test_a_checker_knows_the_name_and_no_text_of_it() -> None:
    text = module_with()
    assert 'Literal["ml_c5", "lambda"]' in text
    assert "TYPE_CHECKING" in text.partition("__all__")[0]
    cut = stub("types/kites.py", text) or ""
    assert "ML_M4 = 'ml_m4'" in cut
    assert "__leaving__" not in cut
    assert "__leaving__" not in module_with(kept=False)


class Device(OpenEnum):
    """As the generator writes it."""

    ML_C5 = "ml_c5"

    __leaving__ = {"ML_M4": ("ml_m4", "0.4.0")}  # noqa: RUF012


def test_the_name_works_and_warns_at_the_callers_line() -> None:
    with pytest.warns(
        DeprecationWarning, match=r"Device\.ML_M4 was taken back .* goes in version 0\.4\.0.*Device\('ml_m4'\)"
    ) as said:
        member = getattr(Device, "ML_M4")  # noqa: B009
    assert (member, member.is_known, type(member)) == ("ml_m4", False, Device)
    assert said[0].filename == __file__
    assert list(Device) == [Device.ML_C5]


def test_nothing_else_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Device("ml_m4") == "ml_m4"
        assert Device.ML_C5.is_known
        with pytest.raises(AttributeError, match="ML_M5"):
            getattr(Device, "ML_M5")  # noqa: B009


def test_what_is_taken_back_is_kept_for_one_minor_version(tmp_path: Path) -> None:
    before = tmp_path / "service-2.json"
    shapes = {"Device": {"type": "string", "enum": ["ml_c5", "ml_m4"]}, "Gone": {"type": "string", "enum": ["a"]}}
    before.write_text(json.dumps({"shapes": shapes}))
    (found,) = taken_back(before, sketch().model(), blank().kept, (0, 2))
    assert (found.file, found.table, found.lines) == ("kept", ("values",), {"Device.ml_m4": "0.4.0"})
    assert list(taken_back(before, sketch().model(), KEPT.kept, (0, 2))) == []


@pytest.mark.parametrize(
    ("key", "version", "text"),
    [
        ("Device.ml_m4", (0, 3), None),
        ("Device.ml_m4", (0, 4), "was kept until 0.4, and this is 0.4"),
        ("Device.ml_m4", (1, 0), "was kept until 0.4, and this is 1.0"),
        ("Device.ml_c5", (0, 3), "is there again"),
    ],
)
def test_a_line_goes_when_it_is_done(key: str, version: tuple[int, int], text: str | None) -> None:
    found = list(complaints({"values": {key: "0.4.0"}}, sketch().model(), version))
    assert len(found) == (text is not None)
    assert all(text is not None and text in each for each in found)
