"""Plausible URLs for existing applications. Nothing answers at these URLs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericResource
from sagemaker_typed.testing._resource import Call, Handler, Record, World

__all__ = ["Urls"]

_OPERATION = re.compile(r"Create(?:Presigned(?P<noun>\w+)Url|(?P<other>\w+)PresignedUrl)")
_HOSTS = {
    "domain": "{id}.studio.{region}.sagemaker.aws",
    "notebook_instance": "{name}.notebook.{region}.sagemaker.aws",
    "mlflow_tracking_server": "{region}.experiments.sagemaker.aws",
    "mlflow_app": "{region}.experiments.sagemaker.aws",
    "partner_app": "{name}.{region}.sagemaker-partner-apps.aws",
}
_CODE = re.compile(r"\{\{\s*task\.input\.(\w+)\s*(?:\|[^}]*)?\}\}")


class Urls:
    """All `CreatePresigned...Url` operations, `StartSession`, and `RenderUiTemplate`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nouns: dict[str, str] = {}
        for operation in world.model.operations:
            found = _OPERATION.fullmatch(operation)
            if found is not None:
                self._nouns[operation] = found["noun"] or found["other"]

    def operations(self) -> Mapping[str, Handler]:
        own: dict[str, Handler] = {"StartSession": self._start_session, "RenderUiTemplate": self._render}
        known = {operation: handler for operation, handler in own.items() if operation in self._world.model.operations}
        return {**known, **dict.fromkeys(self._nouns, self._sign)}

    def _sign(self, call: Call) -> Mapping[str, Any]:
        noun = self._nouns[call.operation]
        resource = next((each for each in self._world.resources if each.noun == noun), None)
        if resource is None:
            raise AnsweredError("ValidationException", f"There is no {noun} that could be opened.")
        record = resource.find(call)
        if noun == "Domain":
            self._check_user(call, record)
        if noun == "NotebookInstance" and record.status != "InService":
            raise AnsweredError(
                "ValidationException",
                f"Status ({record.status}) not in ([InService]). Notebook Instance ({record.arn})",
            )
        names = {"id": getattr(record, "identifier", ""), "name": getattr(record, "short", "") or record.name}
        host = _HOSTS.get(resource.kind, "{name}.{region}.sagemaker.aws").format(**names, region=record.region)
        token = hashlib.sha256(f"{record.arn} {call.now}".encode()).hexdigest()
        member = next(iter(self._world.model.members(self._world.model.output_name(call.operation))))
        return {member: f"https://{host}/auth?token={token}"}

    def _check_user(self, call: Call, domain: Record) -> None:
        for member, kind in (("UserProfileName", "user_profile"), ("SpaceName", "space")):
            owners, name = self._world.of_kind(kind), call.parameters.get(member)
            if name is not None and owners is not None and owners.get(call.region, f"{domain.name}/{name}") is None:
                raise owners.unknown(call, name)

    def _start_session(self, call: Call) -> Mapping[str, Any]:
        arn = call.parameters["ResourceIdentifier"]
        found = self._world.by_arn(arn)
        if found is None or not isinstance(found[0], GenericResource):
            raise self._world.not_found(call.operation, f"Could not find the resource {arn}.")
        token = hashlib.sha256(f"{arn} {call.now}".encode()).hexdigest()
        stream = f"wss://ssmmessages.{call.region}.amazonaws.com/v1/data-channel/{token[:16]}?role=publish_subscribe"
        return {"SessionId": token[:16], "StreamUrl": stream, "TokenValue": token}

    def _render(self, call: Call) -> Mapping[str, Any]:
        """Insert the values of the task's input. The rest of the template language is not supported."""
        import json

        asked = call.parameters
        content = asked.get("UiTemplate", {}).get("Content")
        if content is None:
            arn = asked.get("HumanTaskUiArn", "")
            found = self._world.by_arn(arn)
            if found is None:
                raise self._world.not_found(call.operation, f"HumanTaskUi {arn} does not exist.")
            content = found[1].document["UiTemplate"]["Content"]
        try:
            task: Any = json.loads(asked["Task"]["Input"])
        except ValueError as error:
            return {"RenderedContent": "", "Errors": [{"Code": "InvalidTaskInput", "Message": str(error)}]}
        values = cast("dict[str, Any]", task) if isinstance(task, dict) else {}
        return {"RenderedContent": _CODE.sub(lambda found: str(values.get(found[1], "")), content), "Errors": []}
