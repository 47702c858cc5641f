"""sagemaker-core: resources as classes, with their waits, updates and lists."""

from __future__ import annotations

import io
from typing import Any

import boto3
from sagemaker.core import shapes
from sagemaker.core.experiments import Run
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.lineage.query import LineageQuery, LineageQueryDirectionEnum
from sagemaker.core.resources import (
    Action,
    Artifact,
    Association,
    AutoMLJob,
    CompilationJob,
    Domain,
    Endpoint,
    EndpointConfig,
    FeatureGroup,
    HyperParameterTuningJob,
    Image,
    ImageVersion,
    InferenceComponent,
    MlflowTrackingServer,
    Model,
    ModelCard,
    ModelPackage,
    ModelPackageGroup,
    MonitoringSchedule,
    NotebookInstance,
    NotebookInstanceLifecycleConfig,
    Pipeline,
    PipelineExecution,
    ProcessingJob,
    Space,
    Tag,
    TrainingJob,
    TransformJob,
    UserProfile,
)
from sagemaker.core.utils.exceptions import FailedStatusError
from steps import expect, run, step

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/mine:1"
S3 = "s3://models"
CLUSTER = shapes.ProcessingClusterConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10)
client: Any = boto3.client("sagemaker")


def training_job(name: str, **more: Any) -> TrainingJob:
    return TrainingJob.create(
        training_job_name=name,
        role_arn=ROLE,
        algorithm_specification=shapes.AlgorithmSpecification(training_image=IMAGE, training_input_mode="File"),
        output_data_config=shapes.OutputDataConfig(s3_output_path=f"{S3}/trained"),
        resource_config=shapes.ResourceConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10),
        stopping_condition=shapes.StoppingCondition(max_runtime_in_seconds=3600),
        **more,
    )


def endpoint(name: str, **variant: Any) -> Endpoint:
    model = Model.create(
        model_name=name, primary_container=shapes.ContainerDefinition(image=IMAGE), execution_role_arn=ROLE
    )
    settings: dict[str, Any] = {"initial_instance_count": 1, "instance_type": "ml.m5.large", **variant}
    EndpointConfig.create(
        endpoint_config_name=name,
        production_variants=[
            shapes.ProductionVariant(variant_name="all", model_name=model.get_name(), **settings),
        ],
    )
    made = Endpoint.create(endpoint_name=name, endpoint_config_name=name)
    made.wait_for_status("InService", poll=1)
    return made


@step("train, with and without logs")
def train() -> None:
    job = training_job("core")
    job.wait(poll=1)
    expect(job.training_job_status == "Completed")
    expect(job.model_artifacts.s3_model_artifacts.endswith("model.tar.gz"))
    training_job("core-logs").wait(poll=1, logs=True)


@step("a training job that fails")
def failing() -> None:
    try:
        training_job("core-failing").wait(poll=1)
    except FailedStatusError as error:
        expect("the loss is not a number" in str(error), error)
    else:
        raise AssertionError("it did not fail")


@step("lists and tags")
def lists() -> None:
    for number in range(3):
        training_job(f"listed-{number}", tags=[{"key": "team", "value": "vision"}])
    found = list(TrainingJob.get_all(name_contains="listed-", sort_by="Name", sort_order="Ascending"))
    expect([job.training_job_name for job in found] == ["listed-0", "listed-1", "listed-2"], found)
    job = found[0].refresh()
    Tag.add_tags(resource_arn=job.training_job_arn, tags=[{"key": "stage", "value": "test"}])
    tags = {tag.key: tag.value for tag in Tag.get_all(resource_arn=job.training_job_arn)}
    expect(tags == {"team": "vision", "stage": "test"}, tags)


@step("stop a training job")
def stop() -> None:
    job = training_job("core-slow")
    job.stop()
    job.wait(poll=1)
    expect(job.training_job_status == "Stopped", job.training_job_status)


@step("tune")
def tune() -> None:
    job = HyperParameterTuningJob.create(
        hyper_parameter_tuning_job_name="core",
        hyper_parameter_tuning_job_config=shapes.HyperParameterTuningJobConfig(
            strategy="Random",
            resource_limits=shapes.ResourceLimits(max_number_of_training_jobs=3, max_parallel_training_jobs=2),
            hyper_parameter_tuning_job_objective=shapes.HyperParameterTuningJobObjective(
                type="Maximize", metric_name="auc"
            ),
            parameter_ranges=shapes.ParameterRanges(
                continuous_parameter_ranges=[
                    shapes.ContinuousParameterRange(name="eta", min_value="0.1", max_value="0.9")
                ]
            ),
        ),
        training_job_definition=shapes.HyperParameterTrainingJobDefinition(
            algorithm_specification=shapes.HyperParameterAlgorithmSpecification(
                training_image=IMAGE,
                training_input_mode="File",
                metric_definitions=[shapes.MetricDefinition(name="auc", regex="auc=(.*)")],
            ),
            role_arn=ROLE,
            output_data_config=shapes.OutputDataConfig(s3_output_path=S3),
            resource_config=shapes.ResourceConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10),
            stopping_condition=shapes.StoppingCondition(max_runtime_in_seconds=3600),
        ),
    )
    job.wait(poll=1)
    expect(job.best_training_job.training_job_name)
    expect(len(list(job.get_all_training_jobs())) == 3)


@step("deploy, invoke, update, delete")
def deploy() -> None:
    made = endpoint("core")
    answer = made.invoke(body=b"1,2", content_type="text/csv")
    expect(answer.body.read() is not None)
    EndpointConfig.create(
        endpoint_config_name="core-2",
        production_variants=[
            shapes.ProductionVariant(
                variant_name="all", model_name="core", initial_instance_count=2, instance_type="ml.m5.large"
            )
        ],
    )
    client.update_endpoint(EndpointName="core", EndpointConfigName="core-2")
    made.wait_for_status("InService", poll=1)
    made.refresh()
    expect(made.production_variants[0].current_instance_count == 2, made.production_variants)
    made.delete()
    made.wait_for_delete(poll=1)
    Model.get(model_name="core").delete()


@step("invoke with a response stream")
def stream() -> None:
    answer = endpoint("core-stream").invoke_with_response_stream(body=b"1,2")
    expect(answer)


@step("inference components")
def components() -> None:
    Model.create(model_name="part", primary_container=shapes.ContainerDefinition(image=IMAGE), execution_role_arn=ROLE)
    EndpointConfig.create(
        endpoint_config_name="parts",
        execution_role_arn=ROLE,
        production_variants=[
            shapes.ProductionVariant(variant_name="all", initial_instance_count=1, instance_type="ml.g5.2xlarge")
        ],
    )
    Endpoint.create(endpoint_name="parts", endpoint_config_name="parts").wait_for_status("InService", poll=1)
    part = InferenceComponent.create(
        inference_component_name="part",
        endpoint_name="parts",
        variant_name="all",
        specification=shapes.InferenceComponentSpecification(
            model_name="part",
            compute_resource_requirements=shapes.InferenceComponentComputeResourceRequirements(
                number_of_cpu_cores_required=1, min_memory_required_in_mb=1024
            ),
        ),
        runtime_config=shapes.InferenceComponentRuntimeConfig(copy_count=1),
    )
    part.wait_for_status("InService", poll=1)
    part.update_runtime_configs(desired_runtime_config=shapes.InferenceComponentRuntimeConfig(copy_count=2))
    part.wait_for_status("InService", poll=1)
    part.refresh()
    expect(part.runtime_config.current_copy_count == 2, part.runtime_config)
    part.delete()
    part.wait_for_delete(poll=1)


@step("compile")
def compile_model() -> None:
    boto3.client("s3").upload_fileobj(io.BytesIO(b"weights"), "models", "in/model.tar.gz")
    job = CompilationJob.create(
        compilation_job_name="core",
        role_arn=ROLE,
        input_config=shapes.InputConfig(
            s3_uri=f"{S3}/in/model.tar.gz",
            framework="PYTORCH",
            framework_version="1.13",
            data_input_config='{"input0": [1, 3, 224, 224]}',
        ),
        output_config=shapes.OutputConfig(s3_output_location=f"{S3}/out", target_device="ml_c5"),
        stopping_condition=shapes.StoppingCondition(max_runtime_in_seconds=900),
    )
    job.wait(poll=1)
    expect(job.compilation_job_status == "COMPLETED")


@step("transform and process")
def jobs() -> None:
    Model.create(model_name="batch", primary_container=shapes.ContainerDefinition(image=IMAGE), execution_role_arn=ROLE)
    transform = TransformJob.create(
        transform_job_name="core",
        model_name="batch",
        transform_input=shapes.TransformInput(
            data_source=shapes.TransformDataSource(
                s3_data_source=shapes.TransformS3DataSource(s3_data_type="S3Prefix", s3_uri=f"{S3}/in")
            )
        ),
        transform_output=shapes.TransformOutput(s3_output_path=f"{S3}/out"),
        transform_resources=shapes.TransformResources(instance_type="ml.m5.large", instance_count=1),
    )
    transform.wait(poll=1, logs=True)
    process = ProcessingJob.create(
        processing_job_name="core",
        role_arn=ROLE,
        app_specification=shapes.AppSpecification(image_uri=IMAGE),
        processing_resources=shapes.ProcessingResources(cluster_config=CLUSTER),
    )
    process.wait(poll=1, logs=True)
    expect((transform.transform_job_status, process.processing_job_status) == ("Completed", "Completed"))


@step("pipelines")
def pipelines() -> None:
    definition = (
        '{"Version": "2020-12-01", "Steps": [{"Name": "No", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}]}'
    )
    line = Pipeline.create(
        pipeline_name="core", client_request_token="0" * 32, role_arn=ROLE, pipeline_definition=definition
    )
    line.wait_for_status("Active", poll=1)
    started = client.start_pipeline_execution(PipelineName="core", ClientRequestToken="1" * 32)
    execution = PipelineExecution.get(pipeline_execution_arn=started["PipelineExecutionArn"])
    try:
        execution.wait_for_status("Succeeded", poll=1)
    except FailedStatusError:
        pass
    else:
        raise AssertionError("it did not fail")
    steps = {row.step_name: row.step_status for row in execution.get_all_steps()}
    expect(steps == {"No": "Failed"}, steps)
    line.delete(client_request_token="2" * 32)


@step("register, approve, deploy")
def register() -> None:
    ModelPackageGroup.create(model_package_group_name="core")
    package = ModelPackage.create(
        model_package_group_name="core",
        inference_specification=shapes.InferenceSpecification(
            containers=[{"image": IMAGE, "model_data_url": f"{S3}/m.tar.gz"}],
            supported_content_types=["text/csv"],
            supported_response_mime_types=["text/csv"],
        ),
        model_approval_status="PendingManualApproval",
    )
    package.wait(poll=1)
    client.update_model_package(ModelPackageArn=package.model_package_arn, ModelApprovalStatus="Approved")
    package.refresh()
    expect(package.model_approval_status == "Approved", package.model_approval_status)
    expect(len(list(ModelPackage.get_all(model_package_group_name="core"))) == 1)


@step("model cards")
def cards() -> None:
    content = '{"model_overview": {"model_name": "m"}}'
    card = ModelCard.create(model_card_name="core", content=content, model_card_status="Draft")
    card.update(content='{"model_overview": {"model_name": "n"}}')
    card = ModelCard.get(model_card_name="core")
    versions = [row.model_card_version for row in card.get_all_versions()]
    expect(sorted(versions) == [1, 2], versions)
    card.update(model_card_status="Approved")
    card = ModelCard.get(model_card_name="core")
    expect((card.model_card_status, card.model_card_version) == ("Approved", 2), card.model_card_version)
    card.delete()


@step("AutoML")
def automl() -> None:
    job = AutoMLJob.create(
        auto_ml_job_name="core",
        input_data_config=[
            shapes.AutoMLChannel(
                target_attribute_name="y",
                data_source=shapes.AutoMLDataSource(
                    s3_data_source=shapes.AutoMLS3DataSource(s3_data_type="S3Prefix", s3_uri=f"{S3}/in")
                ),
            )
        ],
        output_data_config=shapes.AutoMLOutputDataConfig(s3_output_path=S3),
        role_arn=ROLE,
    )
    job.wait(poll=1)
    expect(job.best_candidate.candidate_name, job.best_candidate)


@step("notebook instances and lifecycle configurations")
def notebooks() -> None:
    NotebookInstanceLifecycleConfig.create(
        notebook_instance_lifecycle_config_name="core",
        on_start=[shapes.NotebookInstanceLifecycleHook(content="IyEvYmluL2Jhc2g=")],
    )
    book = NotebookInstance.create(
        notebook_instance_name="core", instance_type="ml.t3.medium", role_arn=ROLE, lifecycle_config_name="core"
    )
    book.wait_for_status("InService", poll=1)
    book.stop()
    book.wait_for_status("Stopped", poll=1)
    book.start()
    book.wait_for_status("InService", poll=1)
    book.stop()
    book.wait_for_status("Stopped", poll=1)
    book.delete()
    book.wait_for_delete(poll=1)


@step("images")
def images() -> None:
    image = Image.create(image_name="core", role_arn=ROLE)
    image.wait_for_status("CREATED", poll=1)
    image.update(display_name="Core")
    image.wait_for_status("CREATED", poll=1)
    image.refresh()
    expect(image.display_name == "Core", image.display_name)
    image.delete()
    image.wait_for_delete(poll=1)


@step("image versions")
def image_versions() -> None:
    Image.create(image_name="versions", role_arn=ROLE).wait_for_status("CREATED", poll=1)
    version = ImageVersion.create(image_name="versions", client_token="0123456789", base_image=IMAGE)
    version.wait_for_status("CREATED", poll=1)


@step("domains, user profiles and spaces")
def domains() -> None:
    domain = Domain.create(
        domain_name="core",
        auth_mode="IAM",
        default_user_settings=shapes.UserSettings(execution_role=ROLE),
        vpc_id="vpc-1",
        subnet_ids=["subnet-1"],
    )
    domain.wait_for_status("InService", poll=1)
    profile = UserProfile.create(domain_id=domain.domain_id, user_profile_name="ada")
    profile.wait_for_status("InService", poll=1)
    space = Space.create(domain_id=domain.domain_id, space_name="lab")
    space.wait_for_status("InService", poll=1)
    expect(len(list(Space.get_all(domain_id_equals=domain.domain_id))) == 1)
    space.delete()
    space.wait_for_delete(poll=1)
    profile.delete()
    profile.wait_for_delete(poll=1)
    domain.delete()
    domain.wait_for_delete(poll=1)


@step("feature store")
def features() -> None:
    group = FeatureGroup.create(
        feature_group_name="core",
        record_identifier_feature_name="id",
        event_time_feature_name="when",
        feature_definitions=[
            shapes.FeatureDefinition(feature_name="id", feature_type="String"),
            shapes.FeatureDefinition(feature_name="when", feature_type="Fractional"),
            shapes.FeatureDefinition(feature_name="age", feature_type="Integral"),
        ],
        online_store_config=shapes.OnlineStoreConfig(enable_online_store=True),
        role_arn=ROLE,
    )
    group.wait_for_status("Created", poll=1)
    values = {"id": "a", "when": "1700000000.0", "age": "1"}
    group.put_record(
        record=[shapes.FeatureValue(feature_name=name, value_as_string=text) for name, text in values.items()]
    )
    record = group.get_record(record_identifier_value_as_string="a")
    found = {value.feature_name: value.value_as_string for value in record.record}
    expect(found == values, found)
    group.delete_record(record_identifier_value_as_string="a", event_time="1800000000.0")
    group.delete()
    group.wait_for_delete(poll=1)


@step("monitoring schedules")
def monitoring() -> None:
    endpoint("core-watched")
    schedule = MonitoringSchedule.create(
        monitoring_schedule_name="core",
        monitoring_schedule_config=shapes.MonitoringScheduleConfig(
            schedule_config=shapes.ScheduleConfig(schedule_expression="cron(0 * ? * * *)"),
            monitoring_job_definition=shapes.MonitoringJobDefinition(
                monitoring_inputs=[
                    shapes.MonitoringInput(
                        endpoint_input=shapes.EndpointInput(
                            endpoint_name="core-watched", local_path="/opt/ml/processing/in"
                        )
                    )
                ],
                monitoring_output_config=shapes.MonitoringOutputConfig(
                    monitoring_outputs=[
                        shapes.MonitoringOutput(
                            s3_output=shapes.MonitoringS3Output(s3_uri=S3, local_path="/opt/ml/processing/out")
                        )
                    ]
                ),
                monitoring_resources=shapes.MonitoringResources(
                    cluster_config=shapes.MonitoringClusterConfig(
                        instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10
                    )
                ),
                monitoring_app_specification=shapes.MonitoringAppSpecification(image_uri=IMAGE),
                role_arn=ROLE,
            ),
        ),
    )
    schedule.wait_for_status("Scheduled", poll=1)
    schedule.stop()
    schedule.wait_for_status("Stopped", poll=1)
    schedule.start()
    schedule.wait_for_status("Scheduled", poll=1)
    schedule.delete()


@step("MLflow tracking servers")
def tracking_servers() -> None:
    server = MlflowTrackingServer.create(
        tracking_server_name="core", artifact_store_uri=f"{S3}/mlflow", role_arn=ROLE, tracking_server_size="Small"
    )
    server.wait_for_status("Created", poll=1)
    server.stop()
    server.wait_for_status("Stopped", poll=1)
    server.delete()
    server.wait_for_delete(poll=1)


@step("lineage queries")
def lineage() -> None:
    data = Artifact.create(source=shapes.ArtifactSource(source_uri=f"{S3}/train"), artifact_type="DataSet")
    action = Action.create(
        action_name="core", source=shapes.ActionSource(source_uri=f"{S3}/job"), action_type="ModelTraining"
    )
    Association.add(source_arn=data.artifact_arn, destination_arn=action.action_arn, association_type="ContributedTo")
    found = LineageQuery(Session()).query(
        start_arns=[action.action_arn], direction=LineageQueryDirectionEnum.ASCENDANTS, include_edges=True
    )
    expect([vertex.arn for vertex in found.vertices] == [data.artifact_arn], found)


@step("experiments Run")
def experiment_run() -> None:
    with Run(experiment_name="core", run_name="first") as tried:
        tried.log_parameter("eta", 0.1)
        tried.log_metric("auc", 0.8, step=1)
    listed = client.list_trial_components(ExperimentName="core")["TrialComponentSummaries"]
    expect(listed, listed)


if __name__ == "__main__":
    boto3.client("s3").create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    run()
