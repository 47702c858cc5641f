"""HyperPod clusters: their nodes, events, operations and extensions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler, World
from sagemaker_typed.testing._states import State
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["ClusterExtensions", "ClusterNodes", "ClusterOperations", "Clusters"]

_GROUPS = "InstanceGroups"
_KNOWN_VERSION = "1.0.0"


class Clusters(GenericResource):
    """Clusters. Each instance group has as many nodes as it asks for."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._events: dict[str, list[dict[str, Any]]] = {}

    def reset(self) -> None:
        super().reset()
        self._events.clear()

    def operations(self) -> Mapping[str, Handler]:
        return {
            **super().operations(),
            "UpdateClusterSoftware": self._update_software,
            "StartClusterHealthCheck": self._check_health,
            "ListClusterEvents": self._list_events,
            "DescribeClusterEvent": self._describe_event,
        }

    @property
    def nodes(self) -> ClusterNodes:
        return cast("ClusterNodes", self.world.of_kind("cluster_node"))

    @property
    def works(self) -> ClusterOperations:
        return cast("ClusterOperations", self.world.of_kind("cluster_operation"))

    def make(self, call: Call, scope: Sequence[str], short: str, **more: Any) -> GenericRecord:
        record = super().make(call, scope, short, **more)
        self.scale(record, call.now)
        return record

    def merge(self, record: GenericRecord, parameters: Mapping[str, Any]) -> None:
        """Change the named instance groups, and keep the others."""
        groups = {group["InstanceGroupName"]: group for group in record.document.get(_GROUPS, ())}
        for group in parameters.get(_GROUPS, ()):
            groups[group["InstanceGroupName"]] = {**groups.get(group["InstanceGroupName"], {}), **group}
        for name in parameters.get("InstanceGroupsToDelete", ()):
            groups.pop(name, None)
        skipped = {_GROUPS, "InstanceGroupsToDelete"}
        super().merge(record, {name: value for name, value in parameters.items() if name not in skipped})
        record.document[_GROUPS] = list(groups.values())

    def update(self, call: Call) -> Mapping[str, Any] | None:
        answer = super().update(call)
        record = self.find(call)
        self.scale(record, call.now)
        self.works.begin_work(record, "Scaling", call.now)
        return answer

    def scale(self, record: GenericRecord, now: int) -> None:
        """Add or remove nodes until each group has the number that it asks for."""
        wanted = {group["InstanceGroupName"]: group for group in record.document.get(_GROUPS, ())}
        for node in list(self.nodes.of(record)):
            if node.document["InstanceGroupName"] not in wanted:
                self.nodes.remove(node)
        for name, group in wanted.items():
            present = [node for node in self.nodes.of(record) if node.document["InstanceGroupName"] == name]
            for node in present[group["InstanceCount"] :]:
                self.nodes.remove(node)
            for _ in range(group["InstanceCount"] - len(present)):
                self.nodes.launch_in(record, group, now)

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        counts: dict[str, int] = {}
        for node in self.nodes.of(record):
            name = node.document["InstanceGroupName"]
            counts[name] = counts.get(name, 0) + (node.status == "Running")
        groups = [
            {
                **group,
                "CurrentCount": counts.get(group["InstanceGroupName"], 0),
                "TargetCount": group["InstanceCount"],
                "Status": record.status
                if record.status in {"Creating", "Updating", "Deleting", "Failed"}
                else "InService",
            }
            for group in record.document.get(_GROUPS, ())
        ]
        plans = [group["TrainingPlanArn"] for group in groups if "TrainingPlanArn" in group]
        return {_GROUPS: groups, **({"TrainingPlanArns": plans} if plans else {})}

    def fits(self, record: GenericRecord, parameters: Mapping[str, Any]) -> bool:
        plan = parameters.get("TrainingPlanArn")
        return plan is None or plan in self.extra(record).get("TrainingPlanArns", ())

    def entered(self, record: GenericRecord, state: State, moment: int) -> None:
        super().entered(record, state, moment)
        self._note(record, f"The cluster is {state.status}.", moment)

    def removed(self, record: GenericRecord) -> None:
        for node in list(self.nodes.of(record)):
            self.nodes.remove(node)
        self.works.forget(record)
        self._events.pop(record.arn, None)

    def _update_software(self, call: Call) -> Mapping[str, Any] | None:
        record = self.find(call)
        self.refuse_busy(call, record)
        for node in self.nodes.of(record):
            node.document["LastSoftwareUpdateTime"] = self.world.epoch(call.now)
        self._note(record, "The software of the cluster is being updated.", call.now)
        self.begin(record, "update", call.now)
        return self.answer(call, record)

    def _check_health(self, call: Call) -> Mapping[str, Any] | None:
        record = self.find(call)
        self.refuse_busy(call, record)
        self.works.begin_work(record, "DeepHealthCheck", call.now)
        self._note(record, "Deep health checks have begun.", call.now)
        return self.answer(call, record)

    # --- events ------------------------------------------------------------------------------------------------------

    def _note(self, record: GenericRecord, text: str, moment: int) -> None:
        events = self._events.setdefault(record.arn, [])
        digest = hashlib.sha256(f"{record.arn} {len(events)}".encode()).hexdigest()
        events.append(
            {
                "EventId": f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
                "ClusterArn": record.arn,
                "ClusterName": record.short,
                "ResourceType": "Cluster",
                "EventTime": self.world.epoch(moment),
                "Description": text,
                "EventLevel": "Error" if "Failed" in text else "Info",
            }
        )

    def _list_events(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        asked = call.parameters
        after, before = asked.get("EventTimeAfter"), asked.get("EventTimeBefore")
        names = {"InstanceGroupName": "InstanceGroupName", "NodeId": "InstanceId", "ResourceType": "ResourceType"}
        chosen = [
            (number, event)
            for number, event in enumerate(self._events.get(record.arn, ()))
            if (after is None or event["EventTime"] > to_epoch(after))
            and (before is None or event["EventTime"] < to_epoch(before))
            and all(event.get(member) == asked[wanted] for wanted, member in names.items() if wanted in asked)
            and "OperationId" not in asked
        ]
        return page_of(
            chosen,
            asked,
            result_key="Events",
            place=lambda row: (float(row[0]), 0),
            descending=asked.get("SortOrder", "Descending") == "Descending",
            show=lambda row: row[1],
        )

    def _describe_event(self, call: Call) -> Mapping[str, Any]:
        record, asked = self.find(call), call.parameters["EventId"]
        event = next((each for each in self._events.get(record.arn, ()) if each["EventId"] == asked), None)
        if event is None:
            raise self.world.not_found(call.operation, f"Could not find cluster event '{asked}'.")
        return {"EventDetails": event}


class ClusterNodes(GenericResource):
    """Nodes. A script for "cluster_node" matches the cluster's name or the node's id."""

    def operations(self) -> Mapping[str, Handler]:
        return {
            "ListClusterNodes": self.list,
            "DescribeClusterNode": self.describe,
            "BatchAddClusterNodes": self._add_many,
            "BatchDeleteClusterNodes": self._delete_many,
            "BatchRebootClusterNodes": self._restart_many,
            "BatchReplaceClusterNodes": self._restart_many,
            "MoveClusterNodes": self._move,
            "AttachClusterNodeVolume": self._attach_volume,
            "DetachClusterNodeVolume": self._detach_volume,
            "AttachClusterNodeNetworkInterface": self._attach_interface,
        }

    def of(self, cluster: GenericRecord) -> Iterator[GenericRecord]:
        rows = self.records(cluster.region)
        return (node for node in rows if node.document["ClusterName"] == cluster.short)

    def launch_in(self, cluster: GenericRecord, group: Mapping[str, Any], now: int) -> GenericRecord:
        instance_type = group.get("InstanceType") or _first_type(group)
        shared = (
            "LifeCycleConfig",
            "OverrideVpcConfig",
            "ThreadsPerCore",
            "InstanceStorageConfigs",
            "KubernetesConfig",
        )
        document = {
            "ClusterName": cluster.short,
            "InstanceGroupName": group["InstanceGroupName"],
            "InstanceType": instance_type,
            "LaunchTime": self.world.epoch(now),
            **{member: group[member] for member in shared if member in group},
        }
        record = self.make(Call("DescribeClusterNode", cluster.region, document, now), (), cluster.short)
        record.document["NodeLogicalId"] = f"node-{record.identifier[2:]}"
        return record

    def _identifier(self, region: str) -> str:
        digest = super()._identifier(region)
        return f"i-{hashlib.sha256(digest.encode()).hexdigest()[:17]}"

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        address = [int(record.identifier[2 + 2 * part : 4 + 2 * part], 16) for part in range(2)]
        return {
            "InstanceId": record.identifier,
            "InstanceStatus": {"Status": record.status},
            "PrivatePrimaryIp": f"10.0.{address[0]}.{address[1]}",
            "PrivateDnsHostname": f"ip-10-0-{address[0]}-{address[1]}.{record.region}.compute.internal",
        }

    def list(self, call: Call) -> Mapping[str, Any]:
        cluster = self._cluster(call)
        return self.page(call, self.of(cluster), self.plan.result_key, self.plan.summary)

    def lookup(self, region: str, parameters: Mapping[str, Any]) -> GenericRecord | None:
        wanted = parameters.get("NodeId", parameters.get("NodeLogicalId"))
        rows = self.records(region)
        cluster = self.named("ClusterName", parameters)
        named = (row for row in rows if wanted in (row.identifier, row.document["NodeLogicalId"]))
        return next((row for row in named if self._is_of(row, cluster)), None)

    def _is_of(self, row: GenericRecord, cluster: str) -> bool:
        found = self._clusters.get(row.region, cluster)
        return bool(row.document["ClusterName"] == (cluster if found is None else found.short))

    def describe(self, call: Call) -> Mapping[str, Any]:
        self._cluster(call)
        return super().describe(call)

    def unknown(self, call: Call, name: str) -> AnsweredError:
        asked = call.parameters.get("NodeId", call.parameters.get("NodeLogicalId", name))
        return self.world.not_found(call.operation, f"Could not find cluster node '{asked}'.")

    @property
    def _clusters(self) -> Clusters:
        return cast("Clusters", self.world.of_kind("cluster"))

    def _cluster(self, call: Call) -> GenericRecord:
        named = call.parameters.get("ClusterName") or call.parameters["ClusterArn"]
        found = self._clusters.get(call.region, named)
        if found is None:
            raise self._clusters.unknown(call, named)
        return found

    # --- many at once ------------------------------------------------------------------------------------------------

    def _add_many(self, call: Call) -> Mapping[str, Any]:
        cluster = self._cluster(call)
        groups = {group["InstanceGroupName"]: group for group in cluster.document.get(_GROUPS, ())}
        added: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for wish in call.parameters["NodesToAdd"]:
            name, count = wish["InstanceGroupName"], wish["IncrementTargetCountBy"]
            if name not in groups:
                failed.append({"InstanceGroupName": name, "ErrorCode": "InstanceGroupNotFound", "FailedCount": count})
                continue
            groups[name]["InstanceCount"] += count
            for _ in range(count):
                node = self.launch_in(cluster, groups[name], call.now)
                logical = node.document["NodeLogicalId"]
                added.append({"NodeLogicalId": logical, "InstanceGroupName": name, "Status": node.status})
        if added:
            self._clusters.works.begin_work(cluster, "Scaling", call.now)
        return {"Successful": added, "Failed": failed}

    def _chosen(self, call: Call, cluster: GenericRecord) -> Iterator[tuple[str, str, GenericRecord | None]]:
        """Yield each requested node with the member that names it."""
        for member in ("NodeIds", "NodeLogicalIds"):
            for asked in call.parameters.get(member, ()):
                key = "NodeId" if member == "NodeIds" else "NodeLogicalId"
                yield member, asked, self.lookup(call.region, {"ClusterName": cluster.short, key: asked})

    def _many(self, call: Call, cluster: GenericRecord, code: Mapping[str, str], act: Any) -> Mapping[str, Any]:
        answer: dict[str, list[Any]] = {
            name: [] for name in ("Successful", "Failed", "SuccessfulNodeLogicalIds", "FailedNodeLogicalIds")
        }
        for member, asked, node in self._chosen(call, cluster):
            logical = "NodeLogicalIds" if member == "NodeLogicalIds" else ""
            if node is None:
                key = "NodeLogicalId" if logical else "NodeId"
                message = f"Could not find cluster node '{asked}'."
                answer[f"Failed{logical}"].append({key: asked, **code, "Message": message})
            else:
                act(node)
                answer[f"Successful{logical}"].append(asked)
        return answer

    def _delete_many(self, call: Call) -> Mapping[str, Any]:
        cluster = self._cluster(call)

        def delete(node: GenericRecord) -> None:
            for group in cluster.document.get(_GROUPS, ()):
                if group["InstanceGroupName"] == node.document["InstanceGroupName"]:
                    group["InstanceCount"] = max(0, group["InstanceCount"] - 1)
            self.remove(node)

        return self._many(call, cluster, {"Code": "NodeIdNotFound"}, delete)

    def _restart_many(self, call: Call) -> Mapping[str, Any]:
        def restart(node: GenericRecord) -> None:
            self.begin(node, "create", call.now)

        return self._many(call, self._cluster(call), {"ErrorCode": "InstanceIdNotFound"}, restart)

    def _move(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        source = self._cluster(Call(call.operation, call.region, {"ClusterArn": asked["SourceClusterArn"]}, call.now))
        target = self._cluster(Call(call.operation, call.region, {"ClusterArn": asked["TargetClusterArn"]}, call.now))
        group = asked["TargetInstanceGroupName"]

        def move(node: GenericRecord) -> None:
            node.document.update(ClusterName=target.short, InstanceGroupName=group)

        answer = self._many(call, source, {"Code": "NodeIdNotFound"}, move)
        spare = [
            node for node in self.of(source) if node.document["InstanceGroupName"] == asked["SourceInstanceGroupName"]
        ]
        for node in spare[: asked.get("InstanceCount", 0)]:
            move(node)
            answer["Successful"].append(node.identifier)
        return answer

    # --- volumes and interfaces --------------------------------------------------------------------------------------

    def _node(self, call: Call) -> tuple[GenericRecord, GenericRecord]:
        cluster = self._cluster(call)
        node = self.lookup(call.region, {"ClusterName": cluster.short, "NodeId": call.parameters["NodeId"]})
        if node is None:
            raise self.unknown(call, call.parameters["NodeId"])
        return cluster, node

    def _volume(self, call: Call, status: str) -> Mapping[str, Any]:
        cluster, node = self._node(call)
        volumes = cast("list[str]", node.document.setdefault("Volumes", []))
        volume = call.parameters["VolumeId"]
        if status == "detaching" and volume not in volumes:
            raise self.world.not_found(
                call.operation, f"Could not find volume '{volume}' on the node {node.identifier}."
            )
        if volume not in volumes:
            volumes.append(volume)
        device = f"/dev/sd{chr(ord('f') + volumes.index(volume))}"
        if status == "detaching":
            volumes.remove(volume)
        return {
            "ClusterArn": cluster.arn,
            "NodeId": node.identifier,
            "VolumeId": volume,
            "AttachTime": self.world.epoch(call.now),
            "Status": status,
            "DeviceName": device,
        }

    def _attach_volume(self, call: Call) -> Mapping[str, Any]:
        return self._volume(call, "attaching")

    def _detach_volume(self, call: Call) -> Mapping[str, Any]:
        return self._volume(call, "detaching")

    def _attach_interface(self, call: Call) -> Mapping[str, Any]:
        cluster, node = self._node(call)
        interface = call.parameters["NetworkInterfaceId"]
        attachment = f"eni-attach-{hashlib.sha256(interface.encode()).hexdigest()[:17]}"
        return {
            "ClusterArn": cluster.arn,
            "NodeId": node.identifier,
            "NetworkInterfaceId": interface,
            "AttachmentId": attachment,
        }


class ClusterOperations(GenericResource):
    """Operations on a cluster. A new operation replaces a running one of the same type."""

    def operations(self) -> Mapping[str, Handler]:
        return {"ListClusterOperations": self.list, "DescribeClusterOperation": self.describe}

    def begin_work(self, cluster: GenericRecord, work: str, now: int) -> None:
        for row in self.records(cluster.region):
            if (
                row.document["ClusterArn"] == cluster.arn
                and row.document["Type"] == work
                and row.status == "InProgress"
            ):
                self.begin(row, "update", now)
        document = {"ClusterArn": cluster.arn, "ClusterName": cluster.short, "Type": work}
        self.make(Call("DescribeClusterOperation", cluster.region, document, now), (), "")

    def forget(self, cluster: GenericRecord) -> None:
        for row in list(self.records(cluster.region)):
            if row.document["ClusterArn"] == cluster.arn:
                self.remove(row)

    def _cluster(self, call: Call) -> GenericRecord:
        return cast("Clusters", self.world.of_kind("cluster")).find(call)

    def lookup(self, region: str, parameters: Mapping[str, Any]) -> GenericRecord | None:
        found = self.get(region, str(parameters["OperationId"]))
        cluster = self.named("ClusterName", parameters)
        if found is None:
            return None
        return (
            found if cluster in (found.document["ClusterName"], found.document["ClusterArn"].split("/")[-1]) else None
        )

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        return {"OperationId": record.identifier}

    def describe(self, call: Call) -> Mapping[str, Any]:
        self._cluster(call)
        return super().describe(call)

    def list(self, call: Call) -> Mapping[str, Any]:
        cluster = self._cluster(call)
        rows = (row for row in self.records(call.region) if row.document["ClusterArn"] == cluster.arn)
        return self.page(call, rows, self.plan.result_key, self.plan.summary)

    def unknown(self, call: Call, name: str) -> AnsweredError:
        return self.world.not_found(call.operation, f"Could not find cluster operation '{name}'.")


class ClusterExtensions(GenericResource):
    """Extensions of a cluster, one of each name."""

    def operations(self) -> Mapping[str, Handler]:
        return {**super().operations(), "ListClusterExtensionVersions": self._versions}

    def words(self, call: Call) -> Mapping[str, str]:
        name = call.parameters["ExtensionName"].lower()
        return {"cluster": call.parameters["ClusterArn"].rpartition("/")[2], "name": name}

    def key_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        return (self.named("ClusterArn", parameters),)

    def _same_name(self, region: str, scope: Sequence[str], short: str) -> GenericRecord | None:
        rows = self.records(region)
        return next((row for row in rows if row.short == short and self.key_of(row.document) == tuple(scope)), None)

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        return {"ExtensionVersion": record.document.get("ExtensionVersion", _KNOWN_VERSION)}

    def _versions(self, call: Call) -> Mapping[str, Any]:
        """Return the versions in use and the initial version."""
        name = call.parameters["ExtensionName"]
        used = {row.document.get("ExtensionVersion") for row in self.records(call.region) if row.short == name}
        versions = sorted({_KNOWN_VERSION, *(version for version in used if version)})
        return page_of(
            versions,
            call.parameters,
            result_key="ExtensionVersions",
            place=lambda version: (version, 0),
            show=lambda version: {"ExtensionVersion": version},
        )


def _first_type(group: Mapping[str, Any]) -> str:
    """Return the first instance type of a group."""
    types = group.get("InstanceRequirements", {}).get("InstanceTypes") or ["ml.c5.xlarge"]
    return str(types[0])
