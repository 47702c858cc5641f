"""Enum values that AWS took back: they stay for one minor version, and warn. `test_kept_names` has all else."""

from __future__ import annotations

import warnings

import pytest

from sagemaker_typed.codegen.kept import Leaving, complaints
from sagemaker_typed.codegen.names import Namer
from sagemaker_typed.codegen.overlay import NO_PARTS
from sagemaker_typed.codegen.problems import Problems
from sagemaker_typed.codegen.render_types import TypesRenderer
from sagemaker_typed.codegen.stubs import stub
from sagemaker_typed.enums import OpenEnum
from tests.codegen.sketch import Sketch, blank, plan_of

LINE = {"since": "0.3.0", "until": "0.4.0", "botocore": "1.45.0"}
KEPT = blank(kept={"values": {"Device.ml_m4": LINE}})


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


def test_the_words_of_a_value_stay() -> None:
    words = {"values": {"Device.ml_m4": "An older kind."}}
    plan = plan_of(sketch(), blank(kept={"values": {"Device.ml_m4": LINE}}, words=words))
    (enum,) = [enum for module in plan.modules for enum in module.enums]
    assert (enum.meanings, enum.kept) == ({"ml_m4": "An older kind."}, {"ML_M4": ("ml_m4", Leaving(**LINE))})


def test_the_message_says_since_when_why_and_what_to_do() -> None:
    said = Leaving(**LINE).message("Device.ML_M4", "Write something else.")
    assert said == (
        "Device.ML_M4 is deprecated since 0.3.0 and goes in 0.4.0: AWS took it out of the API (botocore 1.45.0). Write "
        "something else."
    )
    assert Leaving(**LINE, instead="Use ML_M5.").message("Device.ML_M4", "").endswith("(botocore 1.45.0). Use ML_M5.")


class Device(OpenEnum):
    """As the generator writes it."""

    ML_C5 = "ml_c5"

    __leaving__ = {"ML_M4": ("ml_m4", "Device.ML_M4 is deprecated")}  # noqa: RUF012


def test_the_name_works_and_warns_at_the_callers_line() -> None:
    with pytest.warns(DeprecationWarning, match=r"^Device\.ML_M4 is deprecated$") as said:
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


@pytest.mark.parametrize(
    ("key", "version", "text"),
    [
        ("Device.ml_m4", "0.3.7", None),
        ("Device.ml_m4", "0.4.0", "was kept until 0.4.0, and this is 0.4.0"),
        ("Device.ml_m4", "0.10.0", "was kept until 0.4.0, and this is 0.10.0"),
        ("Device.ml_c5", "0.3.0", "is there again"),
    ],
)
def test_a_line_goes_when_it_is_done(key: str, version: str, text: str | None) -> None:
    found = complaints({**blank().kept, "values": {key: LINE}}, NO_PARTS, sketch().model(), version)
    assert len(found) == (text is not None)
    assert all(text is not None and text in each for each in found)
