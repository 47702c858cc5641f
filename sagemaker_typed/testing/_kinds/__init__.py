"""The handwritten kinds of resources. Each family has its own module."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._generic import generic_kinds
from sagemaker_typed.testing._generic.resource import GenericResource
from sagemaker_typed.testing._kinds.automl import AutoMLJobs
from sagemaker_typed.testing._kinds.capacity import ReservedCapacities, TrainingPlans
from sagemaker_typed.testing._kinds.cards import ModelCardExportJobs, ModelCards
from sagemaker_typed.testing._kinds.clusters import ClusterExtensions, ClusterNodes, ClusterOperations, Clusters
from sagemaker_typed.testing._kinds.compilation import CompilationJobs
from sagemaker_typed.testing._kinds.components import InferenceComponents, InferenceExperiments
from sagemaker_typed.testing._kinds.edge import DeviceFleets, Devices, EdgeDeploymentPlans, EdgePackagingJobs
from sagemaker_typed.testing._kinds.endpoints import EndpointConfigs, Endpoints, Models
from sagemaker_typed.testing._kinds.experiments import Experiments, TrialComponents, Trials
from sagemaker_typed.testing._kinds.features import FeatureGroups
from sagemaker_typed.testing._kinds.flows import FlowDefinitions
from sagemaker_typed.testing._kinds.gateways import GlobalInferenceGateways
from sagemaker_typed.testing._kinds.hubs import HubContents
from sagemaker_typed.testing._kinds.images import Images, ImageVersions
from sagemaker_typed.testing._kinds.lineage import (
    Artifacts,
    Associations,
    LineageEntities,
    LineageGroups,
    LineageQueries,
)
from sagemaker_typed.testing._kinds.loops import HumanLoops
from sagemaker_typed.testing._kinds.metadata import FeatureMetadata, PipelineVersions, Suggestions
from sagemaker_typed.testing._kinds.monitoring import MonitoringExecutions, MonitoringSchedules
from sagemaker_typed.testing._kinds.notebooks import NotebookInstances
from sagemaker_typed.testing._kinds.packages import ModelPackageGroups, ModelPackages
from sagemaker_typed.testing._kinds.people import HumanTaskUis, LabelingJobs, SubscribedWorkteams, Workforces, Workteams
from sagemaker_typed.testing._kinds.pipelines import PipelineExecutions, Pipelines, PipelineSteps
from sagemaker_typed.testing._kinds.policies import Catalogs, Policies
from sagemaker_typed.testing._kinds.processing import ProcessingJobs
from sagemaker_typed.testing._kinds.recommending import InferenceRecommendationsJobs, OptimizationJobs
from sagemaker_typed.testing._kinds.search import Search
from sagemaker_typed.testing._kinds.studio import Apps, Spaces
from sagemaker_typed.testing._kinds.tags import Tags
from sagemaker_typed.testing._kinds.tracking import MlflowTrackingServers
from sagemaker_typed.testing._kinds.training import TrainingJobs
from sagemaker_typed.testing._kinds.transform import TransformJobs
from sagemaker_typed.testing._kinds.tuning import HyperParameterTuningJobs
from sagemaker_typed.testing._kinds.urls import Urls
from sagemaker_typed.testing._model import ServiceTables
from sagemaker_typed.testing._resource import Operations, Resource, World

__all__ = ["kinds_of", "populate"]

_HANDWRITTEN: Mapping[str, type[Resource[Any]]] = {
    kind.kind: kind
    for kind in (
        CompilationJobs,
        TransformJobs,
        TrainingJobs,
        ProcessingJobs,
        HyperParameterTuningJobs,
        AutoMLJobs,
        Models,
        EndpointConfigs,
        Endpoints,
        NotebookInstances,
        FlowDefinitions,
        HumanLoops,
        ModelPackageGroups,
        ModelPackages,
        Pipelines,
        PipelineExecutions,
        PipelineSteps,
        Experiments,
        Trials,
        TrialComponents,
        FeatureGroups,
    )
}
"""Those whose every member is looked after here."""

_CLASSES: Mapping[str, type[GenericResource]] = {
    "Action": LineageEntities,
    "App": Apps,
    "Artifact": Artifacts,
    "Association": Associations,
    "Cluster": Clusters,
    "ClusterExtension": ClusterExtensions,
    "ClusterNode": ClusterNodes,
    "ClusterOperation": ClusterOperations,
    "Context": LineageEntities,
    "Device": Devices,
    "DeviceFleet": DeviceFleets,
    "EdgeDeploymentPlan": EdgeDeploymentPlans,
    "EdgePackagingJob": EdgePackagingJobs,
    "GlobalInferenceGateway": GlobalInferenceGateways,
    "HubContent": HubContents,
    "HumanTaskUi": HumanTaskUis,
    "Image": Images,
    "ImageVersion": ImageVersions,
    "InferenceComponent": InferenceComponents,
    "InferenceExperiment": InferenceExperiments,
    "InferenceRecommendationsJob": InferenceRecommendationsJobs,
    "LabelingJob": LabelingJobs,
    "LineageGroup": LineageGroups,
    "MlflowTrackingServer": MlflowTrackingServers,
    "ModelCard": ModelCards,
    "ModelCardExportJob": ModelCardExportJobs,
    "MonitoringExecution": MonitoringExecutions,
    "MonitoringSchedule": MonitoringSchedules,
    "OptimizationJob": OptimizationJobs,
    "ReservedCapacity": ReservedCapacities,
    "Space": Spaces,
    "SubscribedWorkteam": SubscribedWorkteams,
    "TrainingPlan": TrainingPlans,
    "Workforce": Workforces,
    "Workteam": Workteams,
}
"""What a resource does besides what all do, by its noun."""


@functools.cache
def kinds_of(model: ServiceTables) -> Mapping[str, type[Resource[Any]]]:
    """Return the kinds by the name that `LocalSageMaker.script` uses. Most are derived from the service model."""
    taken = {f"Create{kind.noun}{version}" for kind in _HANDWRITTEN.values() for version in ("", "V2")}
    return {**_HANDWRITTEN, **{kind.kind: kind for kind in generic_kinds(model, _CLASSES, taken)}}


def populate(world: World) -> list[Operations]:
    """Add every kind to the world, and return all objects that answer operations."""
    world.populate(list(kinds_of(world.model).values()))
    desks = (Tags, Search, LineageQueries, Urls, Policies, Catalogs, FeatureMetadata, PipelineVersions, Suggestions)
    return [*world.resources, *(desk(world) for desk in desks)]
