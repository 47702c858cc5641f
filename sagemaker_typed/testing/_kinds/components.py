"""Inference components on endpoints, and shadow tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._kinds.endpoints import Endpoints
from sagemaker_typed.testing._resource import Call, Handler

__all__ = ["InferenceComponents", "InferenceExperiments"]


class InferenceComponents(GenericResource):
    """Inference components, in the requested number of copies."""

    def operations(self) -> Mapping[str, Handler]:
        return {**super().operations(), "UpdateInferenceComponentRuntimeConfig": self._scale}

    def check(self, call: Call) -> None:
        both = [member for member in ("Specification", "Specifications") if member in call.parameters]
        if len(both) > 1:
            raise AnsweredError("ValidationException", "Specification or Specifications can be given, not both.")

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        document = record.document
        wanted = document.get("RuntimeConfig", {}).get("CopyCount", 1)
        running = 0 if record.status == "Creating" else wanted
        known: dict[str, Any] = {
            "EndpointArn": self.world.arn(record.region, f"endpoint/{document['EndpointName']}"),
            "VariantName": document.get("VariantName", "AllTraffic"),
            "RuntimeConfig": {"DesiredCopyCount": wanted, "CurrentCopyCount": running},
        }
        if "Specification" in document:
            known["Specification"] = self._summary(record, document["Specification"])
        if "Specifications" in document:
            known["Specifications"] = [self._summary(record, each) for each in document["Specifications"]]
        if "DeploymentConfig" in document:
            known["LastDeploymentConfig"] = document["DeploymentConfig"]
        return known

    def _summary(self, record: GenericRecord, specification: Mapping[str, Any]) -> dict[str, Any]:
        container = specification.get("Container")
        if container is None:
            return dict(specification)
        image = container.get("Image")
        moment = self.world.epoch(record.created)
        deployed = {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": moment}
        shown = {name: value for name, value in container.items() if name != "Image"}
        return {**specification, "Container": {**shown, **({"DeployedImage": deployed} if image else {})}}

    def _scale(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        self.refuse_busy(call, record)
        record.document["RuntimeConfig"] = call.parameters["DesiredRuntimeConfig"]
        record.modified = call.now
        self.begin(record, "update", call.now)
        return {"InferenceComponentArn": record.arn}


class InferenceExperiments(GenericResource):
    """Shadow tests on an endpoint."""

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        document = record.document
        name = document["EndpointName"]
        endpoints = self.world[Endpoints]
        endpoint = endpoints.get(record.region, name)
        about = {"EndpointName": name, **({} if endpoint is None else {"EndpointStatus": endpoint.status})}
        state = {"Creating": "Creating", "Updating": "Updating", "Stopping": "Deleting", "Completed": "Deleted"}
        variants = [
            {**variant, "Status": state.get(record.status, "InService")} for variant in document["ModelVariants"]
        ]
        return {"EndpointMetadata": about, "ModelVariants": variants}
