"""Makes drawn values hold to what AWS documents of several members together, which a service model does not say.

Written by hand from AWS's pages, and not from the overlay under test.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from tests.support import samples

# Of these members, one set at a time may be given; the empty set is one that a caller may choose too.
ALTERNATIVES: dict[str, Sequence[Sequence[str]]] = {
    "AlgorithmSpecification": (["TrainingImage"], ["AlgorithmName"]),
    "CreateCompilationJobRequest": (["InputConfig"], ["ModelPackageVersionArn"]),
    "CreateEndpointConfigInput": (["AsyncInferenceConfig"], ["CrossRegionTrafficConfig"]),
    "CreateModelPackageInput": (["ModelPackageGroupName"], ["Tags"]),
    "CreateWorkforceRequest": (["OidcConfig"], ["CognitoConfig"]),
    "DeploymentConfig": (["BlueGreenUpdatePolicy"], ["RollingUpdatePolicy"]),
    "HyperParameterAlgorithmSpecification": (["TrainingImage"], ["AlgorithmName"]),
    "ListTrialComponentsRequest": (["ExperimentName"], ["TrialName"], ["SourceArn"]),
    "ModelDeployConfig": (["EndpointName"], ["AutoGenerateEndpointName"]),
    "OutputConfig": (["TargetDevice"], ["TargetPlatform", "CompilerOptions"]),
    "ProcessingClusterConfig": (["InstanceType"], ["InstancePreferences"]),
    "ProductionVariant": (["InstanceType"], ["ServerlessConfig"]),
    "ResourceConfig": (["InstanceType", "InstanceGroups", "InstancePlacementConfig"], ["InstancePreferences"]),
    "TrialComponentParameterValue": (["StringValue"], ["NumberValue"]),
}
# Where none is a choice of its own.
NEEDED = ("AlgorithmSpecification", "OutputConfig")
VALUES: dict[str, dict[str, Any]] = {
    "CreateTransformJobRequest": {"MaxConcurrentTransforms": 4, "MaxPayloadInMB": 25, "BatchStrategy": "SingleRecord"},
    "Filter": {"Operator": "Equals"},
    "HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9},
    "InferenceComponentComputeResourceRequirements": {"MinMemoryRequiredInMb": 128, "MaxMemoryRequiredInMb": 129},
    "InputConfig": {"S3Uri": "s3://bucket/model.tar.gz", "DataInputConfig": '{"x": [1]}', "Framework": "PYTORCH"},
    "ProductionVariantManagedInstanceScaling": {"MinInstanceCount": 1, "MaxInstanceCount": 2},
    "ProductionVariantServerlessConfig": {"ProvisionedConcurrency": 1, "MaxConcurrency": 2},
    "StoppingCondition": {"MaxRuntimeInSeconds": 900, "MaxWaitTimeInSeconds": 900},
    "TransformJobDefinition": {"MaxConcurrentTransforms": 4, "MaxPayloadInMB": 25, "BatchStrategy": "SingleRecord"},
    "UpdateEndpointInput": {"RetainAllVariantProperties": True},
}
FAR = timedelta(days=4000)


@cache
def choices(shape: Any) -> int:
    """How many values it takes that each alternative of each structure below appears."""
    return max((len(ALTERNATIVES.get(name, ("",))) for name in _structures(shape)), default=1)


def _structures(shape: Any) -> set[str]:
    found: dict[str, Any] = {}
    waiting = [shape]
    while waiting:
        each = waiting.pop()
        if each.name in found:
            continue
        found[each.name] = each
        match each.type_name:
            case "structure":
                waiting += each.members.values()
            case "list":
                waiting.append(each.member)
            case "map":
                waiting.append(each.value)
            case _:
                pass
    return {name for name, each in found.items() if each.type_name == "structure"}


def sound(shape: Any, members: dict[str, Any], choice: int) -> dict[str, Any]:
    """The members of one structure, changed as little as may be."""
    sets = ALTERNATIVES.get(shape.name, ([],))
    chosen = sets[choice % len(sets)]
    others = {wire for each in sets for wire in each} - set(chosen)
    kept = {wire: value for wire, value in members.items() if wire not in others}
    if shape.name in NEEDED and not any(wire in kept for wire in chosen):
        kept[chosen[0]] = samples.minimal(shape.members[chosen[0]])
    kept |= {wire: value for wire, value in VALUES.get(shape.name, {}).items() if wire in kept}
    for wire in kept:
        if shape.members[wire].type_name == "timestamp":
            late, early = "Before" in wire or wire == "EndTime", "After" in wire or wire == "StartTime"
            kept[wire] += FAR * (late - early)
        elif wire == "MinValue":
            kept |= {"MinValue": "1", "MaxValue": "2"}
    return kept
