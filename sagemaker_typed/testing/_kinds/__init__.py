"""The kinds of resource that live here, each with its family in a module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._kinds.automl import AutoMLJobs
from sagemaker_typed.testing._kinds.compilation import CompilationJobs
from sagemaker_typed.testing._kinds.endpoints import EndpointConfigs, Endpoints, Models
from sagemaker_typed.testing._kinds.experiments import Experiments, TrialComponents, Trials
from sagemaker_typed.testing._kinds.features import FeatureGroups
from sagemaker_typed.testing._kinds.flows import FlowDefinitions
from sagemaker_typed.testing._kinds.notebooks import NotebookInstances
from sagemaker_typed.testing._kinds.packages import ModelPackageGroups, ModelPackages
from sagemaker_typed.testing._kinds.pipelines import PipelineExecutions, Pipelines
from sagemaker_typed.testing._kinds.processing import ProcessingJobs
from sagemaker_typed.testing._kinds.search import Search
from sagemaker_typed.testing._kinds.tags import Tags
from sagemaker_typed.testing._kinds.training import TrainingJobs
from sagemaker_typed.testing._kinds.transform import TransformJobs
from sagemaker_typed.testing._kinds.tuning import HyperParameterTuningJobs
from sagemaker_typed.testing._resource import Operations, Resource, World

__all__ = ["KINDS", "populate"]

KINDS: Mapping[str, type[Resource[Any]]] = {
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
        ModelPackageGroups,
        ModelPackages,
        Pipelines,
        PipelineExecutions,
        Experiments,
        Trials,
        TrialComponents,
        FeatureGroups,
    )
}
"""By the name that `LocalSageMaker.script` knows them under."""


def populate(world: World) -> list[Operations]:
    """Put every kind into the world, and name all that answers operations."""
    world.populate(list(KINDS.values()))
    return [*world.resources, Tags(world), Search(world)]
