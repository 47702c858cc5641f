"""Helpers for human review with Amazon Augmented AI: prices of tasks, and the conditions that start a review.

    from sagemaker_typed.human_review import USD, Conditions, Sampling, moderation_label

    PublicWorkforceTaskPrice(amount_in_usd=USD.of("0.036"))
    conditions = Conditions.rekognition(moderation_label("Suggestive", less_than=80) & Sampling(5))
    HumanLoopActivationConditionsConfig(human_loop_activation_conditions=conditions)

https://docs.aws.amazon.com/sagemaker/latest/dg/a2i-human-fallback-conditions-json-schema.html
"""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypeAlias

import attrs

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem
from sagemaker_typed.types import USD as Amount

__all__ = [
    "PRICES",
    "USD",
    "ActivationCondition",
    "AllOf",
    "AnyOf",
    "Conditions",
    "ImportantFormKey",
    "MissingFormKey",
    "ModerationLabel",
    "Sampling",
    "TaskType",
    "amount_of",
    "form_key",
    "missing_form_key",
    "moderation_label",
]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)


# --- prices -----------------------------------------------------------------------------------------------------------

TaskType: TypeAlias = Literal[
    "bounding_box",
    "classification",
    "semantic_segmentation",
    "textract_forms",
    "rekognition_moderation",
    "custom_review",
]
"""The types of tasks with prices. "classification" covers images, texts and custom labeling tasks."""


def _prices(text: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, text.split()))


_LOW = "0.012 0.024 0.036 0.048 0.060 0.072"
_HIGH = "0.120 0.240 0.360 0.480 0.600 0.720 0.840 0.960 1.080 1.200"
PRICES: Mapping[TaskType, tuple[Decimal, ...]] = {
    "bounding_box": _prices(f"0.036 0.048 0.060 0.072 {_HIGH}"),
    "classification": _prices(f"{_LOW} {_HIGH}"),
    "semantic_segmentation": _prices("0.840 0.960 1.080 1.200"),
    "textract_forms": _prices(f"{_LOW} {_HIGH} 1.320 1.440 1.560 1.680 1.800 1.920 2.040 2.160 2.280 2.400"),
    "rekognition_moderation": _prices(f"{_LOW} {_HIGH}"),
    "custom_review": _prices(f"{_LOW} {_HIGH}"),
}
"""Allowed prices of one task, in US dollars and ascending order, by type of task.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PublicWorkforceTaskPrice.html
"""

_STEP = Decimal("0.001")
_MOST = Decimal("2.999")
_EXACTLY = Context(prec=64, traps=[])
"""The caller's own decimal context may round, or trap what is exact."""


class USD(Amount):
    """An amount of US dollars, exact to a tenth of a cent: the structure that a request takes."""

    @classmethod
    def of(cls, amount: str | Decimal | int, task: TaskType | None = None) -> Self:
        """Return the amount as dollars, cents and tenths of a cent.

        With `task`, the amount must be one of AWS's prices for that type of task. Raises `InvalidRequestError` for a float,
        which is not exact, for more than three decimals, and for amounts below 0 or above 2.999.
        """
        value = _exact(amount)
        if task is not None and value not in _known_prices(task):
            near = sorted(_known_prices(task), key=lambda price: abs(price - value))[:2]
            shown = " or ".join(f"{price:.3f}" for price in sorted(near))
            _refuse("amount_in_usd", "enum", f"{value:f} is not a price of {task} tasks; the nearest are {shown}")
        mills = int(_EXACTLY.scaleb(value, 3))
        return cls(dollars=mills // 1000, cents=mills // 10 % 100, tenth_fractions_of_a_cent=mills % 10)

    def __eq__(self, other: object) -> bool:
        """Whether `other` is the same amount; amounts in responses have the generated class."""
        return amount_of(self) == amount_of(other) if isinstance(other, Amount) else NotImplemented

    @property
    def amount(self) -> Decimal:
        """The amount in dollars, with three decimals."""
        return amount_of(self)


def amount_of(usd: Amount) -> Decimal:
    """Return an amount from a response as dollars, with three decimals."""
    mills = (usd.dollars or 0) * 1000 + (usd.cents or 0) * 10 + (usd.tenth_fractions_of_a_cent or 0)
    # No arithmetic of Decimal, which rounds as the caller's decimal context says.
    return Decimal((int(mills < 0), tuple(map(int, str(abs(mills)))), -3))


def _exact(amount: Any) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, (str, Decimal, int)):
        _refuse("amount_in_usd", "type", f'must be exact: a string such as "0.036" or a Decimal, not {quoted(amount)}')
    try:
        value = Decimal(amount.strip() if isinstance(amount, str) else amount)
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        _refuse("amount_in_usd", "type", f"is not an amount: {quoted(amount)}")
    if not 0 <= value <= _MOST:
        _refuse("amount_in_usd", "max", f"must be from 0 to {_MOST} dollars, not {quoted(amount)}")
    if _EXACTLY.remainder(value, _STEP):
        _refuse("amount_in_usd", "max", f"must have at most three decimals (tenths of a cent), not {quoted(amount)}")
    return value


def _known_prices(task: str) -> tuple[Decimal, ...]:
    found = next((prices for known, prices in PRICES.items() if known == task), None)
    if found is None:
        _refuse("task", "enum", f"must be one of {', '.join(PRICES)}, not {quoted(task)}")
    return found


# --- conditions -------------------------------------------------------------------------------------------------------

_MOST_LEVELS = 5
_BOUNDS = ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_ANY = "*"


class ActivationCondition(ABC):
    """A condition on an inference that starts a review. Join conditions with `&` and `|`."""

    def __and__(self, other: ActivationCondition) -> ActivationCondition:
        return AllOf((*_within(self, AllOf), *_within(_condition(other), AllOf)))

    def __or__(self, other: ActivationCondition) -> ActivationCondition:
        return AnyOf((*_within(self, AnyOf), *_within(_condition(other), AnyOf)))

    def __bool__(self) -> NoReturn:
        raise TypeError("a condition has no truth value: join conditions with & and | instead of `and` and `or`")

    @abstractmethod
    def to_document(self) -> dict[str, Any]:
        """Return the condition as a JSON object."""


def _condition(given: Any) -> ActivationCondition:
    if not isinstance(given, ActivationCondition):
        raise TypeError(f"{quoted(given)} is no condition that starts a review")
    return given


def _within(condition: ActivationCondition, cls: type[AllOf | AnyOf]) -> tuple[ActivationCondition, ...]:
    return condition.parts if isinstance(condition, cls) else (condition,)


@attrs.frozen
class AllOf(ActivationCondition):
    """A condition that holds if all of its parts hold."""

    parts: tuple[ActivationCondition, ...]

    def to_document(self) -> dict[str, Any]:
        return {"And": [part.to_document() for part in self.parts]}


@attrs.frozen
class AnyOf(ActivationCondition):
    """A condition that holds if at least one of its parts holds."""

    parts: tuple[ActivationCondition, ...]

    def to_document(self) -> dict[str, Any]:
        return {"Or": [part.to_document() for part in self.parts]}


@attrs.frozen
class Sampling(ActivationCondition):
    """A random share of all inferences, in percent, from 0.01 to 100."""

    percentage: float

    def __attrs_post_init__(self) -> None:
        _number("percentage", self.percentage, 0.01)

    def to_document(self) -> dict[str, Any]:
        return _simple("Sampling", {"RandomSamplingPercentage": self.percentage})


@attrs.frozen
class ModerationLabel(ActivationCondition):
    """A label of an image with a confidence of Amazon Rekognition within the bounds. Made by `moderation_label`."""

    name: str
    bounds: Mapping[str, float]

    def to_document(self) -> dict[str, Any]:
        bounds = {f"Confidence{name}": value for name, value in self.bounds.items()}
        return _simple("ModerationLabelConfidenceCheck", {"ModerationLabelName": self.name, **bounds})


@attrs.frozen
class ImportantFormKey(ActivationCondition):
    """A key of a form with confidences of Amazon Textract within the bounds. Made by `form_key`."""

    key: str
    aliases: tuple[str, ...]
    key_value: Mapping[str, float]
    word: Mapping[str, float]

    def to_document(self) -> dict[str, Any]:
        found = {f"KeyValueBlockConfidence{name}": value for name, value in self.key_value.items()}
        found |= {f"WordBlockConfidence{name}": value for name, value in self.word.items()}
        return _simple("ImportantFormKeyConfidenceCheck", {**_key(self.key, self.aliases), **found})


@attrs.frozen
class MissingFormKey(ActivationCondition):
    """A key that Amazon Textract did not find in a form, under any of its names. Made by `missing_form_key`."""

    key: str
    aliases: tuple[str, ...] = ()

    def to_document(self) -> dict[str, Any]:
        return _simple("MissingImportantFormKey", _key(self.key, self.aliases))


def moderation_label(
    name: str = _ANY,
    *,
    equals: float | None = None,
    less_than: float | None = None,
    at_most: float | None = None,
    greater_than: float | None = None,
    at_least: float | None = None,
) -> ModerationLabel:
    """Match a label of Amazon Rekognition whose confidence, in percent, is within the bounds; "*" is any label.

    Raises `InvalidRequestError` without a bound, and for a bound that is not a percentage.
    """
    bounds = _bounds("confidence", (equals, less_than, at_most, greater_than, at_least))
    if not bounds:
        _refuse("confidence", "required", "at least one bound is required, such as less_than=80")
    return ModerationLabel(_text("name", name), bounds)


def form_key(
    key: str = _ANY,
    *,
    aliases: Iterable[str] = (),
    key_value_less_than: float | None = None,
    key_value_greater_than: float | None = None,
    word_less_than: float | None = None,
    word_greater_than: float | None = None,
) -> ImportantFormKey:
    """Match a key of a form whose confidences, in percent, are within the bounds; "*" is any key.

    `key_value` is the confidence that key and value belong together; `word` is the confidence in the words of the value.
    Raises `InvalidRequestError` without a bound, and for a bound that is not a percentage.
    """
    key_value = _bounds("key_value", (None, key_value_less_than, None, key_value_greater_than, None))
    word = _bounds("word", (None, word_less_than, None, word_greater_than, None))
    if not key_value and not word:
        _refuse("confidence", "required", "at least one bound is required, such as key_value_less_than=80")
    return ImportantFormKey(_text("key", key), _aliases(aliases), key_value, word)


def missing_form_key(key: str, *, aliases: Iterable[str] = ()) -> MissingFormKey:
    """Match a form that lacks a key and all aliases of the key."""
    return MissingFormKey(_text("key", key), _aliases(aliases))


class Conditions(str):
    """The conditions that start a review, as JSON text for a flow definition. A review starts when one of them holds."""

    __slots__ = ()

    @classmethod
    def rekognition(cls, *conditions: ActivationCondition) -> Self:
        """Write conditions on images that Amazon Rekognition moderates: `moderation_label` and `Sampling`.

        Raises `InvalidRequestError` for a condition of Amazon Textract, and for more than five levels.
        """
        return cls._made(conditions, (ModerationLabel, Sampling), "Rekognition")

    @classmethod
    def textract(cls, *conditions: ActivationCondition) -> Self:
        """Write conditions on forms that Amazon Textract reads: `form_key`, `missing_form_key` and `Sampling`.

        Raises `InvalidRequestError` for a condition of Amazon Rekognition, and for more than five levels.
        """
        return cls._made(conditions, (ImportantFormKey, MissingFormKey, Sampling), "Textract")

    @classmethod
    def parse(cls, text: str) -> tuple[ActivationCondition, ...]:
        """Read the conditions of a flow definition. Raises `InvalidRequestError` for an invalid text."""
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            _refuse(_MEMBER, "type", f"a text is needed, not {quoted(text)}")
        try:
            document: Any = json.loads(text)
        except (ValueError, RecursionError):
            document = None
        if not is_mapping(document) or not is_list(document.get("Conditions")):
            _refuse(_MEMBER, "json", f'is not JSON such as {{"Conditions": [...]}}, but begins with {quoted(text)}')
        return tuple(_read(each, f"{_MEMBER}[{index}]") for index, each in enumerate(document["Conditions"]))

    @classmethod
    def _made(
        cls, conditions: Sequence[ActivationCondition], allowed: tuple[type[ActivationCondition], ...], of: str
    ) -> Self:
        if not conditions:
            _refuse(_MEMBER, "min", "at least one condition is required")
        for condition in conditions:
            if not isinstance(condition, ActivationCondition):  # pyright: ignore[reportUnnecessaryIsInstance]
                _refuse(_MEMBER, "type", f"must be a condition, not {quoted(condition)}")
            for depth, leaf in _leaves(condition):
                if depth > _MOST_LEVELS:
                    _refuse(_MEMBER, "max", f"has {depth} levels; Augmented AI allows {_MOST_LEVELS}")
                if not isinstance(leaf, allowed):
                    _refuse(_MEMBER, "enum", f"Amazon {of} has no condition {type(leaf).__name__}")
        return cls(json.dumps({"Conditions": [condition.to_document() for condition in conditions]}))


_MEMBER = "human_loop_activation_conditions"


def _leaves(condition: ActivationCondition, depth: int = 1) -> Iterator[tuple[int, ActivationCondition]]:
    # No deeper than has to be known: a condition may be nested without end.
    if isinstance(condition, (AllOf, AnyOf)) and depth <= _MOST_LEVELS:
        for part in condition.parts:
            yield from _leaves(part, depth + 1)
    else:
        yield depth, condition


# --- writing ----------------------------------------------------------------------------------------------------------


def _simple(kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {"ConditionType": kind, "ConditionParameters": parameters}


def _key(key: str, aliases: tuple[str, ...]) -> dict[str, Any]:
    return {"ImportantFormKey": key, **({"ImportantFormKeyAliases": list(aliases)} if aliases else {})}


def _bounds(path: str, given: tuple[float | None, ...]) -> dict[str, float]:
    found = {name: value for name, value in zip(_BOUNDS, given, strict=True) if value is not None}
    for value in found.values():
        _number(path, value, 0)
    return found


def _number(path: str, value: Any, low: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        _refuse(path, "type", f"must be a percentage, not {quoted(value)}")
    if not low <= value <= 100:
        _refuse(path, "max", f"must be a percentage from {low:g} to 100, not {quoted(value)}")


def _text(path: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        _refuse(path, "type", f"must be a non-empty string, not {quoted(value)}")
    return value


def _aliases(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        _refuse("aliases", "type", f"must be a list of strings, not {quoted(given)}")
    return tuple(_text("aliases", alias) for alias in given)


def _refuse(path: str, rule: str, detail: str) -> NoReturn:
    raise InvalidRequestError([Problem(path, rule, detail)], "CreateFlowDefinition")


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(document: Any, path: str, depth: int = 1) -> ActivationCondition:
    if not is_mapping(document) or depth > _MOST_LEVELS:
        _refuse(path, "json", f"is not a condition: {quoted(document)}")
    for name, cls in (("And", AllOf), ("Or", AnyOf)):
        parts = document.get(name)
        if is_list(parts) and parts:
            return cls(tuple(_read(each, f"{path}.{name}[{index}]", depth + 1) for index, each in enumerate(parts)))
    kind, parameters = document.get("ConditionType"), document.get("ConditionParameters")
    if not is_mapping(parameters):
        _refuse(path, "json", f"has no ConditionParameters: {quoted(document)}")
    return _read_simple(kind, parameters, path)


def _read_simple(kind: Any, parameters: Mapping[str, Any], path: str) -> ActivationCondition:
    aliases = _aliases(parameters.get("ImportantFormKeyAliases", ()))
    match kind:
        case "Sampling":
            return Sampling(parameters.get("RandomSamplingPercentage", 0))
        case "ModerationLabelConfidenceCheck":
            name = _text(f"{path}.ModerationLabelName", parameters.get("ModerationLabelName"))
            return ModerationLabel(name, _read_bounds(parameters, "Confidence", path))
        case "ImportantFormKeyConfidenceCheck":
            key = _text(f"{path}.ImportantFormKey", parameters.get("ImportantFormKey"))
            key_value = _read_bounds(parameters, "KeyValueBlockConfidence", path)
            return ImportantFormKey(key, aliases, key_value, _read_bounds(parameters, "WordBlockConfidence", path))
        case "MissingImportantFormKey":
            return MissingFormKey(_text(f"{path}.ImportantFormKey", parameters.get("ImportantFormKey")), aliases)
        case _:
            _refuse(path, "enum", f"has a ConditionType that this version does not know: {quoted(kind)}")


def _read_bounds(parameters: Mapping[str, Any], prefix: str, path: str) -> dict[str, float]:
    found = {name: parameters[f"{prefix}{name}"] for name in _BOUNDS if f"{prefix}{name}" in parameters}
    for value in found.values():
        _number(path, value, 0)
    return found
