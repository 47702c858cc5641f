"""Images for Studio, their numbered versions, and the aliases of the versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler, World

__all__ = ["ImageVersions", "Images"]


class Images(GenericResource):
    """Images. An update can also remove properties."""

    def merge(self, record: GenericRecord, parameters: Mapping[str, Any]) -> None:
        dropped = parameters.get("DeleteProperties", ())
        super().merge(record, {name: value for name, value in parameters.items() if name != "DeleteProperties"})
        for name in dropped:
            record.document.pop(name, None)


class ImageVersions(GenericResource):
    """Versions are numbered from 1. The number of a deleted version is not used again."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._last: dict[str, int] = {}

    def reset(self) -> None:
        super().reset()
        self._last.clear()

    def operations(self) -> Mapping[str, Handler]:
        return {**super().operations(), "ListAliases": self._aliases}

    def key_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        return (str(parameters["ImageName"]),)

    def short_name(self, call: Call) -> str:
        return str(self._last.get(self._image(call).arn, 0) + 1)

    def check(self, call: Call) -> None:
        image = self._image(call)
        if image.status not in {"CREATED", "UPDATE_FAILED"}:
            raise AnsweredError(
                "ValidationException", f"Image {image.short} is in an invalid state: {image.status} is not CREATED."
            )
        for alias in call.parameters.get("Aliases", ()):
            self._refuse_taken(call, image, alias)
        self._last[image.arn] = int(self.short_name(call))

    def arn_tail(self, call: Call, short: str, identifier: str) -> str:
        return f"image-version/{call.parameters['ImageName'].lower()}/{short}"

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        name = str(record.document["ImageName"])
        base = str(record.document["BaseImage"])
        arn = self.world.arn(record.region, f"image/{name}")
        return {"Version": int(record.short), "ImageName": name, "ImageArn": arn, "ContainerImage": base}

    def lookup(self, region: str, parameters: Mapping[str, Any]) -> GenericRecord | None:
        """Return a version by number or alias, by default the latest."""
        versions = self._of(region, str(parameters.get("ImageName")))
        if "Version" in parameters:
            return next((row for row in versions if row.short == str(parameters["Version"])), None)
        if "Alias" in parameters:
            return next((row for row in versions if parameters["Alias"] in row.document.get("Aliases", ())), None)
        return versions[-1] if versions else None

    def unknown(self, call: Call, name: str) -> AnsweredError:
        image = call.parameters.get("ImageName")
        asked = [
            f" with {member} {call.parameters[member]}" for member in ("Version", "Alias") if member in call.parameters
        ]
        what = f"ImageVersion{asked[0]} of" if asked else "Latest ImageVersion with ImageName"
        return self.world.not_found(call.operation, f"{what} {image} does not exist.")

    def merge(self, record: GenericRecord, parameters: Mapping[str, Any]) -> None:
        aliases = [
            name for name in record.document.get("Aliases", ()) if name not in parameters.get("AliasesToDelete", ())
        ]
        aliases += [name for name in parameters.get("AliasesToAdd", ()) if name not in aliases]
        skipped = {"Version", "Alias", "AliasesToAdd", "AliasesToDelete"}
        super().merge(record, {name: value for name, value in parameters.items() if name not in skipped})
        record.document["Aliases"] = aliases

    def update(self, call: Call) -> Mapping[str, Any] | None:
        record = self.find(call)
        image = self._image(call)
        for alias in call.parameters.get("AliasesToAdd", ()):
            if alias not in record.document.get("Aliases", ()):
                self._refuse_taken(call, image, alias)
        return super().update(call)

    def _refuse_taken(self, call: Call, image: GenericRecord, alias: str) -> None:
        taken = [row for row in self._of(call.region, image.short) if alias in row.document.get("Aliases", ())]
        if taken:
            raise self.world.in_use(call.operation, f"The alias {alias} already exists: it belongs to {taken[0].arn}.")

    def _of(self, region: str, image: str) -> list[GenericRecord]:
        return [row for row in self.records(region) if row.document["ImageName"] == image]

    def _image(self, call: Call) -> GenericRecord:
        images = self.world.of_kind("image")
        assert isinstance(images, GenericResource)
        return images.find(call)

    def _aliases(self, call: Call) -> Mapping[str, Any]:
        image = self._image(call)
        wanted = call.parameters.get("Alias"), call.parameters.get("Version")
        found = [
            alias
            for row in self._of(call.region, image.short)
            for alias in row.document.get("Aliases", ())
            if wanted[0] in (None, alias) and wanted[1] in (None, int(row.short))
        ]
        return page_of(
            sorted(found),
            call.parameters,
            result_key="SageMakerImageVersionAliases",
            place=lambda alias: (alias, 0),
            show=lambda alias: alias,
        )
