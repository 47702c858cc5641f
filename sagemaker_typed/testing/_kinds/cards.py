"""Model cards with their versions, and the jobs that export them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["ModelCardExportJobs", "ModelCards"]


@dataclass(eq=False, kw_only=True)
class ModelCard(GenericRecord):
    history: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What each version before the present one was, with its moments."""


class ModelCards(GenericResource):
    """Model cards. New content creates a new version, a new status does not."""

    record_type = ModelCard

    def operations(self) -> Mapping[str, Handler]:
        return {**super().operations(), "ListModelCardVersions": self._versions}

    def update(self, call: Call) -> Mapping[str, Any] | None:
        record = self._card(call)
        content, status = call.parameters.get("Content"), call.parameters.get("ModelCardStatus")
        if content is not None and status is not None:
            raise AnsweredError("ValidationException", "An update changes Content or ModelCardStatus, not both.")
        if content is not None:
            record.history.append(self.version_of(record, record.version))
            record.version += 1
        self.merge(record, call.parameters)
        record.modified = call.now
        return self.answer(call, record)

    def describe(self, call: Call) -> Mapping[str, Any]:
        record = self._card(call)
        number = call.parameters.get("ModelCardVersion", record.version)
        self.refuse_unknown_version(call, record, number)
        document = self.version_of(record, number)
        shape = self.world.model.output_name(call.operation)
        shown = {**self.view(record, shape), **self.world.model.project(shape, document)}
        if call.parameters.get("IncludedData") == "MetadataOnly":
            shown["Content"] = ""
        return shown

    def version_of(self, record: ModelCard, number: int) -> dict[str, Any]:
        if number <= len(record.history):
            return record.history[number - 1]
        epoch = self.world.epoch
        return {
            **record.document,
            "ModelCardName": record.short,
            "ModelCardArn": record.arn,
            "ModelCardVersion": record.version,
            "CreationTime": epoch(record.created),
            "LastModifiedTime": epoch(record.modified),
        }

    def refuse_unknown_version(self, call: Call, record: ModelCard, number: int) -> None:
        if not 1 <= number <= record.version:
            raise self.world.not_found(
                call.operation, f"Modelcard {record.short} with version {number} does not exist."
            )

    def _card(self, call: Call) -> ModelCard:
        record = self.find(call)
        assert isinstance(record, ModelCard)
        return record

    def _versions(self, call: Call) -> Mapping[str, Any]:
        record = self._card(call)
        asked = call.parameters
        versions = [self.version_of(record, number) for number in range(1, record.version + 1)]
        after, before = asked.get("CreationTimeAfter"), asked.get("CreationTimeBefore")
        chosen = [
            each
            for each in versions
            if asked.get("ModelCardStatus") in (None, each["ModelCardStatus"])
            and (after is None or each["CreationTime"] > to_epoch(after))
            and (before is None or each["CreationTime"] < to_epoch(before))
        ]
        shape = self.world.model.item_shape(call.operation, "ModelCardVersionSummaryList")
        return page_of(
            chosen,
            asked,
            result_key="ModelCardVersionSummaryList",
            place=lambda each: (float(each["ModelCardVersion"]), 0),
            descending=asked.get("SortOrder") == "Descending",
            show=lambda each: self.world.model.project(shape, each),
        )


class ModelCardExportJobs(GenericResource):
    """Export jobs. The description of a completed job has the location of its export."""

    def key_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        return ()

    def check(self, call: Call) -> None:
        cards = self._cards()
        card = cards.find(call)
        assert isinstance(card, ModelCard)
        cards.refuse_unknown_version(call, card, call.parameters.get("ModelCardVersion", card.version))

    def list(self, call: Call) -> Mapping[str, Any]:
        self._cards().find(call)
        return super().list(call)

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        document = record.document
        card = self._cards().get(record.region, document["ModelCardName"])
        version = document.get("ModelCardVersion", 1 if card is None else card.version)
        known: dict[str, Any] = {"ModelCardVersion": version}
        if record.status == "Completed":
            path = document["OutputConfig"]["S3OutputPath"].rstrip("/")
            target = f"{path}/{document['ModelCardName']}/{version}/{record.short}.pdf"
            known["ExportArtifacts"] = {"S3ExportArtifacts": target}
        return known

    def make(self, call: Call, scope: Any, short: str, **more: Any) -> GenericRecord:
        # The job exports the current version, even if later ones follow.
        card = self._cards().find(call)
        pinned = {**call.parameters, "ModelCardVersion": call.parameters.get("ModelCardVersion", card.version)}
        return super().make(Call(call.operation, call.region, pinned, call.now), scope, short, **more)

    def _cards(self) -> ModelCards:
        cards = self.world.of_kind("model_card")
        assert isinstance(cards, ModelCards)
        return cards
