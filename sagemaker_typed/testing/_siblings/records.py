"""The online stores of feature groups.

The event time decides whether a write takes effect. A record that is not newer than the stored record goes to the offline
store only, which does not exist here. https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store.html
"""

from __future__ import annotations

import datetime
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds.features import FeatureGroups
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler, Record, World

__all__ = ["OnlineStores"]

_SECONDS = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86400, "Weeks": 604800}
_ISO = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ")
_VALUES: Mapping[str, Callable[[str], object]] = {"Integral": int, "Fractional": float, "String": str}


@dataclass(slots=True)
class _Kept:
    """One record in an online store."""

    features: list[dict[str, Any]]
    """In wire form."""
    event_time: float
    event_text: str
    expires: float | None
    deleted: bool = False
    """Whether the record is soft-deleted: its event time is kept, so that older writes are ignored."""


class OnlineStores:
    """The online stores by feature group. A store is deleted with its group."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stores: weakref.WeakKeyDictionary[Record, dict[str, _Kept]] = weakref.WeakKeyDictionary()

    def operations(self) -> Mapping[str, Handler]:
        return {
            "PutRecord": self._put,
            "GetRecord": self._get,
            "DeleteRecord": self._delete,
            "BatchGetRecord": self._get_many,
            "BatchWriteRecord": self._write_many,
            "UpdateRecord": self._update,
            "ListRecords": self._list,
        }

    def clear(self) -> None:
        self._stores.clear()

    # --- the operations ----------------------------------------------------------------------------------------------

    def _put(self, call: Call) -> None:
        self._write(call, self._group(call, call.parameters["FeatureGroupName"]), call.parameters)

    def _get(self, call: Call) -> Mapping[str, Any]:
        given = call.parameters
        group = self._group(call, given["FeatureGroupName"])
        _check_online(group)
        kept = self._found(group, given["RecordIdentifierValueAsString"], call)
        wanted = _checked_names(group, given.get("FeatureNames"))
        return {} if kept is None else _shown(kept, wanted, given.get("ExpirationTimeResponse"))

    def _delete(self, call: Call) -> None:
        given = call.parameters
        group = self._group(call, given["FeatureGroupName"])
        if not _goes_online(group, given.get("TargetStores")):
            return
        moment = _event_time(group, given["EventTime"])
        store, identifier = self._stores.setdefault(group, {}), given["RecordIdentifierValueAsString"]
        kept = self._alive(group, identifier, call)
        older = kept is not None and moment < kept.event_time
        if given.get("DeletionMode", "SoftDelete") == "HardDelete":
            if older:
                raise _invalid("The EventTime of a hard delete must not be earlier than that of the record.")
            store.pop(identifier, None)
        elif kept is not None and not older:
            names = {group.document[f"{what}FeatureName"] for what in ("RecordIdentifier", "EventTime")}
            features = [feature for feature in kept.features if feature["FeatureName"] in names]
            store[identifier] = _Kept(features, moment, given["EventTime"], kept.expires, deleted=True)

    def _get_many(self, call: Call) -> Mapping[str, Any]:
        found: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for wanted in call.parameters["Identifiers"]:
            for identifier in wanted["RecordIdentifiersValueAsString"]:
                place = {
                    "FeatureGroupName": wanted["FeatureGroupName"],
                    "RecordIdentifierValueAsString": identifier,
                }
                request = {**wanted, **place, "ExpirationTimeResponse": call.parameters.get("ExpirationTimeResponse")}
                try:
                    answer = self._get(Call("GetRecord", call.region, request, call.now))
                except AnsweredError as error:
                    errors.append({**place, **_as_entry(error)})
                    continue
                if answer:
                    found.append({**place, **answer})
        return {"Records": found, "Errors": errors, "UnprocessedIdentifiers": []}

    def _write_many(self, call: Call) -> Mapping[str, Any]:
        errors: list[dict[str, Any]] = []
        usual = {name: call.parameters[name] for name in ("TtlDuration",) if name in call.parameters}
        for entry in call.parameters["Entries"]:
            try:
                group = self._group(Call("PutRecord", call.region, entry, call.now), entry["FeatureGroupName"])
                self._write(call, group, {**usual, **entry})
            except AnsweredError as error:
                errors.append({"Entry": entry, **_as_entry(error)})
        return {"Errors": errors, "UnprocessedEntries": []}

    def _update(self, call: Call) -> None:
        """Update some features of a record, and keep the others."""
        given = call.parameters
        group = self._group(call, given["FeatureGroupName"])
        _check_online(group)
        identifier = given["RecordIdentifierValueAsString"]
        kept = self._found(group, identifier, call)
        if kept is None:
            raise AnsweredError("ResourceNotFound", f"There is no record {identifier!r} in {group.name}.")
        features = {feature["FeatureName"]: feature for feature in (*kept.features, *given["Features"])}
        if _text_of(features[group.document["RecordIdentifierFeatureName"]]) != identifier:
            raise _invalid("The record identifier of a record cannot be changed.")
        if "TtlDuration" in given or kept.expires is None:
            self._write(call, group, {**given, "Record": list(features.values())}, update=True)
            return
        self._write(call, group, {**given, "Record": list(features.values())}, update=True, expires=kept.expires)

    def _list(self, call: Call) -> Mapping[str, Any]:
        group = self._group(call, call.parameters["FeatureGroupName"])
        _check_online(group)
        deleted_too = call.parameters.get("IncludeSoftDeletedRecords", False)
        identifiers = [
            identifier
            for identifier in list(self._stores.get(group, {}))
            if (kept := self._alive(group, identifier, call)) is not None and (deleted_too or not kept.deleted)
        ]
        return page_of(
            identifiers,
            call.parameters,
            result_key="RecordIdentifiers",
            place=lambda identifier: (identifier, 0),
            show=lambda identifier: identifier,
            default_size=100,
        )

    # --- the groups and their records --------------------------------------------------------------------------------

    def _group(self, call: Call, name: str) -> Record:
        group = self._world[FeatureGroups].get(call.region, name)
        if group is None:
            code = "ResourceNotFound" if call.operation in {"GetRecord", "ListRecords", "UpdateRecord"} else ""
            raise AnsweredError(
                code or "ValidationException",
                f"Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}",
            )
        if group.status != "Created":
            raise _invalid(f"The feature group {group.name} is in status {group.status}.")
        return group

    def _alive(self, group: Record, identifier: str, call: Call) -> _Kept | None:
        """Return the record, soft-deleted or not, unless it has expired."""
        store = self._stores.get(group, {})
        kept = store.get(identifier)
        if kept is not None and kept.expires is not None and kept.expires <= self._world.epoch(call.now):
            del store[identifier]
            return None
        return kept

    def _found(self, group: Record, identifier: str, call: Call) -> _Kept | None:
        kept = self._alive(group, identifier, call)
        return None if kept is None or kept.deleted else kept

    def _write(
        self,
        call: Call,
        group: Record,
        given: Mapping[str, Any],
        *,
        update: bool = False,
        expires: float | None = None,
    ) -> None:
        features = _checked_features(group, given["Record"])
        identifier = _text_of(features[group.document["RecordIdentifierFeatureName"]])
        event_text = _text_of(features[group.document["EventTimeFeatureName"]])
        moment = _event_time(group, event_text)
        if not _goes_online(group, given.get("TargetStores")):
            return
        kept = self._alive(group, identifier, call)
        # An update without an event time takes that of the record, so equal times are allowed.
        if kept is not None and (moment < kept.event_time or (moment == kept.event_time and not update)):
            return
        life = given.get("TtlDuration") or group.document["OnlineStoreConfig"].get("TtlDuration")
        if life is not None and expires is None:
            expires = moment + life["Value"] * _SECONDS[life["Unit"]]
        made = _Kept(list(features.values()), moment, event_text, expires)
        self._stores.setdefault(group, {})[identifier] = made


# --- what a record may be --------------------------------------------------------------------------------------------


def _checked_features(group: Record, features: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the features by name. Refuse features that the group does not define."""
    defined = {definition["FeatureName"]: definition for definition in group.document["FeatureDefinitions"]}
    found: dict[str, dict[str, Any]] = {}
    for feature in features:
        name = feature["FeatureName"]
        if name not in defined:
            raise _invalid(f"The feature group {group.name} has no feature {name}.")
        if name in found:
            raise _invalid(f"The feature {name} is given twice.")
        _check_value(defined[name], feature)
        found[name] = dict(feature)
    for what in ("RecordIdentifier", "EventTime"):
        name = group.document[f"{what}FeatureName"]
        if name not in found:
            raise _invalid(f"The record lacks {name}, which is its {what} feature.")
    return found


def _check_value(definition: Mapping[str, Any], feature: Mapping[str, Any]) -> None:
    collection = "CollectionType" in definition
    if collection != ("ValueAsStringList" in feature) or collection == ("ValueAsString" in feature):
        wanted = "ValueAsStringList" if collection else "ValueAsString"
        raise _invalid(f"The feature {feature['FeatureName']} takes {wanted}.")
    convert = _VALUES[definition["FeatureType"]]
    for text in feature["ValueAsStringList"] if collection else [feature["ValueAsString"]]:
        try:
            convert(text)
        except ValueError:
            raise _invalid(
                f"The feature {feature['FeatureName']} is {definition['FeatureType']}, and {text!r} is not."
            ) from None


def _event_time(group: Record, text: str) -> float:
    """Parse an event time, a number or an ISO 8601 text by the group's definition, to seconds since 1970."""
    name = group.document["EventTimeFeatureName"]
    kind = next(found for found in group.document["FeatureDefinitions"] if found["FeatureName"] == name)["FeatureType"]
    if kind == "String":
        for form in _ISO:
            try:
                return datetime.datetime.strptime(text, form).replace(tzinfo=datetime.UTC).timestamp()
            except ValueError:
                continue
        raise _invalid(
            f"The event time {text!r} is not of the form yyyy-MM-dd'T'HH:mm:ssZ or yyyy-MM-dd'T'HH:mm:ss.SSSZ."
        )
    try:
        return float(text)
    except ValueError:
        raise _invalid(f"The event time {text!r} is not a number of seconds.") from None


def _text_of(feature: Mapping[str, Any]) -> str:
    return str(feature["ValueAsString"])


def _is_online(group: Record) -> bool:
    return bool(group.document.get("OnlineStoreConfig", {}).get("EnableOnlineStore"))


def _check_online(group: Record) -> None:
    if not _is_online(group):
        raise _invalid(f"The feature group {group.name} has no online store.")


def _goes_online(group: Record, stores: Sequence[str] | None) -> bool:
    """Whether a write goes to the online store. Refuses a store that the group does not have."""
    has = {"OnlineStore": _is_online(group), "OfflineStore": "OfflineStoreConfig" in group.document}
    for store in stores or ():
        if not has[store]:
            raise _invalid(f"The feature group {group.name} has no {store}.")
    return has["OnlineStore"] and (stores is None or "OnlineStore" in stores)


def _checked_names(group: Record, names: Sequence[str] | None) -> Sequence[str] | None:
    defined = {definition["FeatureName"] for definition in group.document["FeatureDefinitions"]}
    unknown = [name for name in names or () if name not in defined]
    if unknown:
        raise _invalid(f"The feature group {group.name} has no feature {', '.join(unknown)}.")
    return names


def _shown(kept: _Kept, wanted: Sequence[str] | None, expiration: str | None) -> dict[str, Any]:
    features = [feature for feature in kept.features if wanted is None or feature["FeatureName"] in wanted]
    answer: dict[str, Any] = {"Record": features}
    if expiration == "Enabled" and kept.expires is not None:
        moment = datetime.datetime.fromtimestamp(kept.expires, datetime.UTC)
        answer["ExpiresAt"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return answer


def _as_entry(error: AnsweredError) -> dict[str, str]:
    code = "ValidationError" if error.code == "ValidationException" else error.code
    return {"ErrorCode": code, "ErrorMessage": error.message}


def _invalid(message: str) -> AnsweredError:
    return AnsweredError("ValidationException", f"Validation Error: {message}")
