"""The SageMaker Python SDK 2: train, tune, deploy, transform, process, pipelines, registry, experiments, monitoring."""

from __future__ import annotations

import io
import json
import tarfile
import time
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import sagemaker
import sagemaker.image_uris
from sagemaker.async_inference import AsyncInferenceConfig
from sagemaker.automl.automl import AutoML
from sagemaker.deserializers import BytesDeserializer
from sagemaker.estimator import Estimator
from sagemaker.experiments import Run, load_run
from sagemaker.feature_store.feature_group import FeatureGroup
from sagemaker.inputs import TrainingInput
from sagemaker.lineage.action import Action
from sagemaker.lineage.artifact import Artifact
from sagemaker.lineage.association import Association
from sagemaker.lineage.context import Context
from sagemaker.lineage.query import LineageQuery, LineageQueryDirectionEnum
from sagemaker.model import Model, ModelPackage
from sagemaker.model_card import ModelCard, ModelCardStatusEnum, ModelOverview
from sagemaker.model_monitor import CronExpressionGenerator, DataCaptureConfig, DefaultModelMonitor
from sagemaker.multidatamodel import MultiDataModel
from sagemaker.predictor import Predictor
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor, ScriptProcessor
from sagemaker.serializers import JSONSerializer
from sagemaker.serverless import ServerlessInferenceConfig
from sagemaker.transformer import Transformer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThan
from sagemaker.workflow.parameters import ParameterFloat
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import ProcessingStep, TrainingStep
from steps import expect, run, step

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/mine:1"
BUCKET = "models"
METRICS = [{"Name": "validation:auc", "Regex": "auc=([0-9.]+)"}]

session = sagemaker.Session(default_bucket=BUCKET)
client = boto3.client("sagemaker")


def put_archive(key: str) -> str:
    """A model.tar.gz in S3."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        data = b"weights"
        entry = tarfile.TarInfo("model.bin")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key=key, Body=body.getvalue())
    return f"s3://{BUCKET}/{key}"


def estimator(**more: Any) -> Estimator:
    settings: dict[str, Any] = {
        "image_uri": IMAGE,
        "role": ROLE,
        "instance_count": 1,
        "instance_type": "ml.m5.large",
        "output_path": f"s3://{BUCKET}/trained",
        "hyperparameters": {"eta": 0.1, "rounds": 10},
        "metric_definitions": METRICS,
        "sagemaker_session": session,
        **more,
    }
    return Estimator(**settings)


def model(name: str, **more: Any) -> Model:
    return Model(
        image_uri=IMAGE,
        model_data=put_archive(f"{name}/model.tar.gz"),
        role=ROLE,
        name=name,
        sagemaker_session=session,
        **more,
    )


@step("default bucket")
def default_bucket() -> None:
    found = sagemaker.Session().default_bucket()
    expect(found.startswith("sagemaker-us-west-2-"), found)


@step("fit with logs")
def fit_with_logs() -> None:
    job = estimator()
    job.fit({"train": TrainingInput(f"s3://{BUCKET}/train", content_type="text/csv")}, job_name="fit-logs", logs="All")
    expect(job.model_data.endswith("/fit-logs/output/model.tar.gz"), job.model_data)
    boto3.client("s3").head_object(Bucket=BUCKET, Key=job.model_data.removeprefix(f"s3://{BUCKET}/"))


@step("fit without logs")
def fit_without_logs() -> None:
    job = estimator()
    job.fit(f"s3://{BUCKET}/train", job_name="fit-quiet", logs=False)
    expect(job.latest_training_job.describe()["TrainingJobStatus"] == "Completed")


@step("fit that fails")
def fit_that_fails() -> None:
    try:
        estimator().fit(job_name="fit-failing", logs="All")
    except sagemaker.exceptions.UnexpectedStatusException as error:
        expect("the loss is not a number" in str(error), str(error))
    else:
        raise AssertionError("it did not fail")


@step("Estimator.attach")
def attach() -> None:
    estimator().fit(job_name="fit-attach", logs=False)
    attached = Estimator.attach("fit-attach", sagemaker_session=session)
    expect(attached.latest_training_job.name == "fit-attach")
    expect(attached.hyperparameters() == {"eta": "0.1", "rounds": "10"}, attached.hyperparameters())
    expect(attached.output_path == f"s3://{BUCKET}/trained", attached.output_path)
    expect(attached.model_data.endswith("model.tar.gz"))


@step("training job analytics")
def analytics() -> None:
    estimator().fit(job_name="fit-analytics", logs=False)
    frame = sagemaker.TrainingJobAnalytics("fit-analytics", metric_names=["validation:auc"]).dataframe()
    expect(list(frame["value"]) == [0.93], frame)


@step("wait for a training job that is stopped")
def stopped() -> None:
    job = estimator()
    job.fit(job_name="fit-slow", wait=False)
    client.stop_training_job(TrainingJobName="fit-slow")
    while job.latest_training_job.describe()["TrainingJobStatus"] == "Stopping":
        time.sleep(5)
    job.latest_training_job.wait(logs=False)
    expect(job.latest_training_job.describe()["TrainingJobStatus"] == "Stopped")


def tuner(name: str) -> HyperparameterTuner:
    return HyperparameterTuner(
        estimator(),
        "validation:auc",
        {"eta": ContinuousParameter(0.1, 0.9)},
        METRICS,
        max_jobs=4,
        max_parallel_jobs=2,
        base_tuning_job_name=name,
    )


@step("tune")
def tune() -> None:
    search = tuner("tune")
    search.fit({"train": f"s3://{BUCKET}/train"}, job_name="tune-1")
    search.wait()
    expect(search.best_training_job())
    best = search.best_estimator()
    expect(best.model_data.endswith("model.tar.gz"), best.model_data)


@step("HyperparameterTuner.attach")
def attach_tuner() -> None:
    tuner("tune").fit({"train": f"s3://{BUCKET}/train"}, job_name="tune-2")
    attached = HyperparameterTuner.attach("tune-2", sagemaker_session=session)
    expect(attached.objective_metric_name == "validation:auc")
    attached.wait()
    expect(attached.best_training_job())
    frame = attached.analytics().dataframe()
    expect(len(frame) == 4, frame)


@step("warm start of a tuner")
def warm_start() -> None:
    tuner("warm").fit({"train": f"s3://{BUCKET}/train"}, job_name="warm-1")
    again = HyperparameterTuner.attach("warm-1", sagemaker_session=session).transfer_learning_tuner()
    again.fit({"train": f"s3://{BUCKET}/train"}, job_name="warm-2", include_cls_metadata=False)
    said = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="warm-2")
    expect("WarmStartConfig" in said)


@step("deploy and predict")
def deploy() -> None:
    job = estimator()
    job.fit(job_name="fit-deploy", logs=False)
    predictor = job.deploy(
        1,
        "ml.m5.large",
        endpoint_name="deploy",
        serializer=JSONSerializer(),
        deserializer=BytesDeserializer(),
    )
    expect(json.loads(predictor.predict({"x": [1, 2]})) is not None)
    predictor.delete_model()
    predictor.delete_endpoint()


@step("update an endpoint")
def update_endpoint() -> None:
    predictor = model("update", predictor_cls=Predictor).deploy(1, "ml.m5.large", endpoint_name="update")
    predictor.update_endpoint(initial_instance_count=2, instance_type="ml.m5.xlarge")
    said = client.describe_endpoint(EndpointName="update")
    expect(said["EndpointStatus"] == "InService")
    expect(said["ProductionVariants"][0]["CurrentInstanceCount"] == 2, said)


@step("serverless endpoint")
def serverless() -> None:
    config = ServerlessInferenceConfig(memory_size_in_mb=2048, max_concurrency=5)
    predictor = model("serverless", predictor_cls=Predictor).deploy(
        endpoint_name="serverless", serverless_inference_config=config
    )
    expect(predictor.predict(b"1,2") is not None)


@step("async endpoint")
def asynchronous() -> None:
    predictor = model("async", predictor_cls=Predictor).deploy(
        1,
        "ml.m5.large",
        endpoint_name="async",
        async_inference_config=AsyncInferenceConfig(
            output_path=f"s3://{BUCKET}/async/out", failure_path=f"s3://{BUCKET}/async/failed"
        ),
    )
    body = predictor.predict(data=b"1,2", input_path=f"s3://{BUCKET}/async/in/1.csv")
    expect(body is not None)


@step("multi-model endpoint")
def multi_model() -> None:
    many = MultiDataModel(
        name="multi",
        model_data_prefix=f"s3://{BUCKET}/many/",
        image_uri=IMAGE,
        role=ROLE,
        sagemaker_session=session,
    )
    predictor = many.deploy(1, "ml.m5.large", endpoint_name="multi")
    many.add_model(put_archive("one/model.tar.gz"), "one.tar.gz")
    expect(list(many.list_models()) == ["one.tar.gz"], list(many.list_models()))
    expect((predictor or Predictor("multi", session)).predict(b"1", target_model="one.tar.gz") is not None)


@step("data capture")
def data_capture() -> None:
    predictor = model("capture", predictor_cls=Predictor).deploy(
        1,
        "ml.m5.large",
        endpoint_name="capture",
        data_capture_config=DataCaptureConfig(True, destination_s3_uri=f"s3://{BUCKET}/captured"),
    )
    predictor.disable_data_capture()
    said = client.describe_endpoint(EndpointName="capture")
    expect(said["DataCaptureConfig"]["EnableCapture"] is False, said)


@step("compile and deploy")
def compile_and_deploy() -> None:
    neo = Model(
        model_data=put_archive("neo/model.tar.gz"),
        image_uri=IMAGE,
        role=ROLE,
        sagemaker_session=session,
        predictor_cls=Predictor,
    )
    neo._framework = lambda: "pytorch"
    compiled = neo.compile(
        "ml_c5",
        {"input0": [1, 3, 224, 224]},
        f"s3://{BUCKET}/compiled",
        ROLE,
        framework="pytorch",
        framework_version="1.13",
        job_name="compile-1",
    )
    boto3.client("s3").head_object(Bucket=BUCKET, Key=compiled.model_data.removeprefix(f"s3://{BUCKET}/"))
    predictor = compiled.deploy(1, "ml.c5.large", endpoint_name="compiled")
    predictor.delete_endpoint()


@step("transform")
def transform() -> None:
    model("transform").create(instance_type="ml.m5.large")
    job = Transformer(
        "transform", 1, "ml.m5.large", output_path=f"s3://{BUCKET}/transformed", sagemaker_session=session
    )
    job.transform(f"s3://{BUCKET}/in", content_type="text/csv", job_name="transform-1", logs=True)
    attached = Transformer.attach("transform-1", sagemaker_session=session)
    expect(attached.output_path == f"s3://{BUCKET}/transformed", attached.output_path)


@step("process")
def process() -> None:
    code = Path("work.py")
    code.write_text("print('done')\n")
    job = ScriptProcessor(
        image_uri=IMAGE,
        command=["python3"],
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    )
    job.run(
        code=str(code),
        inputs=[ProcessingInput(f"s3://{BUCKET}/in", "/opt/ml/processing/in", "in")],
        outputs=[ProcessingOutput("/opt/ml/processing/out", f"s3://{BUCKET}/processed", "out")],
        arguments=["--x", "1"],
        job_name="process-1",
        logs=True,
    )
    expect(job.latest_job.describe()["ProcessingJobStatus"] == "Completed")


@step("processing that fails")
def process_that_fails() -> None:
    job = Processor(ROLE, IMAGE, 1, "ml.m5.large", sagemaker_session=session)
    try:
        job.run(job_name="process-failing", logs=False)
    except sagemaker.exceptions.UnexpectedStatusException as error:
        expect("the loss is not a number" in str(error), str(error))
    else:
        raise AssertionError("it did not fail")


def pipeline(name: str) -> Pipeline:
    inner = PipelineSession(default_bucket=BUCKET)
    processor = Processor(ROLE, IMAGE, 1, "ml.m5.large", sagemaker_session=inner)
    prepare = ProcessingStep("Prepare", step_args=processor.run())
    training = estimator(sagemaker_session=inner).fit({"train": f"s3://{BUCKET}/train"})
    train = TrainingStep("Train", step_args=training, depends_on=[prepare])
    threshold = ParameterFloat("Threshold", 0.5)
    again = Processor(ROLE, IMAGE, 1, "ml.m5.large", sagemaker_session=inner)
    check = ConditionStep(
        "Check",
        conditions=[ConditionGreaterThan(threshold, 0.1)],
        if_steps=[ProcessingStep("Report", step_args=again.run())],
        else_steps=[],
        depends_on=[train],
    )
    return Pipeline(name, parameters=[threshold], steps=[prepare, train, check], sagemaker_session=inner)


@step("pipeline")
def pipelines() -> None:
    line = pipeline("line")
    line.upsert(ROLE, tags=[{"Key": "team", "Value": "vision"}])
    line.upsert(ROLE, description="again")
    execution = line.start(parameters={"Threshold": 0.7}, execution_display_name="first")
    execution.wait(delay=1, max_attempts=600)
    states = {row["StepName"]: row["StepStatus"] for row in execution.list_steps()}
    expect(states == dict.fromkeys(["Prepare", "Train", "Check", "Report"], "Succeeded"), states)
    expect(execution.list_parameters()["PipelineParameters"] == [{"Name": "Threshold", "Value": "0.7"}])
    (train,) = [row for row in execution.list_steps() if row["StepName"] == "Train"]
    attached = Estimator.attach(train["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2], sagemaker_session=session)
    expect(attached.hyperparameters() == {"eta": "0.1", "rounds": "10"}, attached.hyperparameters())
    boto3.client("s3").head_object(Bucket=BUCKET, Key=attached.model_data.removeprefix(f"s3://{BUCKET}/"))
    line.delete()


@step("pipeline with a callback step")
def callback_pipeline() -> None:
    answer = CallbackOutput(output_name="folder", output_type=CallbackOutputTypeEnum.String)
    queue = "https://sqs.us-west-2.amazonaws.com/123456789012/questions"
    ask = CallbackStep("Ask", sqs_queue_url=queue, inputs={"question": "where?"}, outputs=[answer])
    inner = PipelineSession(default_bucket=BUCKET)
    training = estimator(sagemaker_session=inner).fit({"train": ask.properties.Outputs["folder"]})
    line = Pipeline("asking", steps=[ask, TrainingStep("Train", step_args=training)], sagemaker_session=inner)
    line.upsert(ROLE)
    execution = line.start()
    while not (found := execution.list_steps()):
        time.sleep(1)
    expect(found[0]["StepStatus"] == "Executing", found)
    client.send_pipeline_execution_step_success(
        CallbackToken=found[0]["Metadata"]["Callback"]["CallbackToken"],
        OutputParameters=[{"Name": "folder", "Value": f"s3://{BUCKET}/told"}],
    )
    execution.wait(delay=1, max_attempts=600)
    (train,) = [row for row in execution.list_steps() if row["StepName"] == "Train"]
    job = client.describe_training_job(TrainingJobName=train["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2])
    source = job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    expect(source == f"s3://{BUCKET}/told", source)


@step("pipeline with a step that fails")
def failing_pipeline() -> None:
    line = pipeline("failing")
    line.upsert(ROLE)
    execution = line.start()
    try:
        execution.wait(delay=1, max_attempts=600)
    except Exception as error:  # botocore's WaiterError
        expect("Failed" in str(error), str(error))
    else:
        raise AssertionError(f"it did not fail: {execution.describe()['PipelineExecutionStatus']}")
    states = {row["StepName"]: row["StepStatus"] for row in execution.list_steps()}
    expect(states == {"Prepare": "Succeeded", "Train": "Failed"}, states)
    again = client.retry_pipeline_execution(PipelineExecutionArn=execution.arn, ClientRequestToken="retry-" + "0" * 32)
    expect(again["PipelineExecutionArn"] == execution.arn)


@step("register, approve, deploy")
def register() -> None:
    package = model("register").register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        model_package_group_name="registry",
        approval_status="PendingManualApproval",
    )
    package.update_approval_status("Approved")
    listed = client.list_model_packages(ModelPackageGroupName="registry", ModelApprovalStatus="Approved")
    expect(len(listed["ModelPackageSummaryList"]) == 1, listed)
    approved = ModelPackage(ROLE, model_package_arn=package.model_package_arn, sagemaker_session=session)
    approved.deploy(1, "ml.m5.large", endpoint_name="registered")


@step("model card")
def model_card() -> None:
    card = ModelCard(
        name="card",
        status=ModelCardStatusEnum.DRAFT,
        model_overview=ModelOverview(model_name="m", model_description="A model.", model_version=1),
        sagemaker_session=session,
    )
    card.create()
    card.model_overview.model_description = "A better one."
    card.update(status=ModelCardStatusEnum.APPROVED)
    loaded = ModelCard.load("card", sagemaker_session=session)
    expect(loaded.model_overview.model_description == "A better one.", loaded)
    expect(loaded.status == ModelCardStatusEnum.APPROVED, loaded.status)
    where = card.export_pdf(f"s3://{BUCKET}/cards", export_job_name="export-1")
    expect(where.startswith(f"s3://{BUCKET}/cards"), where)
    expect(len(card.list_export_jobs()["ModelCardExportJobSummaries"]) == 1)
    card.delete()


@step("AutoML")
def automl() -> None:
    job = AutoML(ROLE, "target", output_path=f"s3://{BUCKET}/automl", max_candidates=3, sagemaker_session=session)
    job.fit(f"s3://{BUCKET}/train.csv", job_name="automl-1", wait=True, logs=False)
    expect(job.describe_auto_ml_job()["AutoMLJobStatus"] == "Completed")
    best = job.best_candidate()
    expect(best["CandidateName"], best)
    expect(job.list_candidates())


@step("AutoML.attach and deploy")
def automl_deploy() -> None:
    job = AutoML(ROLE, "target", output_path=f"s3://{BUCKET}/automl", max_candidates=3, sagemaker_session=session)
    job.fit(f"s3://{BUCKET}/train.csv", job_name="automl-2", wait=True, logs=False)
    attached = AutoML.attach("automl-2", sagemaker_session=session)
    attached.deploy(1, "ml.m5.large", endpoint_name="automl")


@step("experiments Run")
def experiment_run() -> None:
    with Run(experiment_name="churn", run_name="first", sagemaker_session=session) as tried:
        tried.log_parameter("eta", 0.1)
        tried.log_parameters({"rounds": 10, "booster": "tree"})
        tried.log_metric("auc", 0.8, step=1)
        tried.log_metric("auc", 0.9, step=2)
        tried.log_artifact("data", f"s3://{BUCKET}/train", is_output=False)
    with load_run(experiment_name="churn", run_name="first", sagemaker_session=session) as loaded:
        expect(loaded._trial_component.parameters["rounds"] == 10, loaded._trial_component.parameters)
        expect("data" in loaded._trial_component.input_artifacts)


@step("experiments Run, twice and listed")
def experiment_runs() -> None:
    for name in ("one", "two", "one"):
        with Run(experiment_name="again", run_name=name, sagemaker_session=session) as tried:
            tried.log_parameter("name", name)
    found = sagemaker.experiments.list_runs(experiment_name="again", sagemaker_session=session)
    expect(len(found) == 2, found)


@step("experiments Run around a training job")
def experiment_training() -> None:
    with Run(experiment_name="fitted", run_name="first", sagemaker_session=session):
        estimator().fit(job_name="fit-in-run", logs=False)
    said = client.describe_training_job(TrainingJobName="fit-in-run")
    expect(said["ExperimentConfig"]["ExperimentName"] == "fitted", said)


@step("experiment analytics")
def experiment_analytics() -> None:
    with Run(experiment_name="counted", run_name="first", sagemaker_session=session) as tried:
        tried.log_parameter("eta", 0.1)
    frame = sagemaker.analytics.ExperimentAnalytics(experiment_name="counted", sagemaker_session=session).dataframe()
    expect(len(frame) == 1, frame)


@step("monitoring schedule")
def monitoring() -> None:
    model("watched", predictor_cls=Predictor).deploy(
        1,
        "ml.m5.large",
        endpoint_name="watched",
        data_capture_config=DataCaptureConfig(True, destination_s3_uri=f"s3://{BUCKET}/captured"),
    )
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key="statistics.json", Body=json.dumps({"version": 0, "features": []}))
    s3.put_object(Bucket=BUCKET, Key="constraints.json", Body=json.dumps({"version": 0, "features": []}))
    monitor = DefaultModelMonitor(ROLE, sagemaker_session=session)
    monitor.create_monitoring_schedule(
        monitor_schedule_name="watch",
        endpoint_input="watched",
        output_s3_uri=f"s3://{BUCKET}/reports",
        statistics=f"s3://{BUCKET}/statistics.json",
        constraints=f"s3://{BUCKET}/constraints.json",
        schedule_cron_expression=CronExpressionGenerator.hourly(),
    )
    while (said := monitor.describe_schedule())["MonitoringScheduleStatus"] == "Pending":
        time.sleep(60)
    expect(said["MonitoringScheduleStatus"] == "Scheduled", said)
    monitor.stop_monitoring_schedule()
    monitor.start_monitoring_schedule()
    monitor.update_monitoring_schedule(schedule_cron_expression=CronExpressionGenerator.daily())
    said = monitor.describe_schedule()
    expect("cron(0 0 ? * * *)" in json.dumps(said["MonitoringScheduleConfig"]), said)
    expect(isinstance(monitor.list_executions(), list))
    attached = DefaultModelMonitor.attach("watch", sagemaker_session=session)
    expect(attached.monitoring_schedule_name == "watch")
    monitor.delete_monitoring_schedule()


@step("feature store")
def feature_store() -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "age": [1, 2], "when": [time.time(), time.time()]})
    frame["id"] = frame["id"].astype("string")
    group = FeatureGroup("customers", sagemaker_session=session)
    group.load_feature_definitions(frame)
    group.create(
        s3_uri=f"s3://{BUCKET}/features",
        record_identifier_name="id",
        event_time_feature_name="when",
        role_arn=ROLE,
        enable_online_store=True,
    )
    while group.describe()["FeatureGroupStatus"] == "Creating":
        time.sleep(5)
    group.ingest(frame, max_workers=1, wait=True)
    record = group.get_record("a", ["age"])
    expect(record == [{"FeatureName": "age", "ValueAsString": "1"}], record)
    group.update_feature_metadata("age", description="In years.")
    expect(group.describe_feature_metadata("age")["Description"] == "In years.")
    group.delete_record("a", str(time.time()))
    group.delete()


@step("lineage queries")
def lineage() -> None:
    data = Artifact.create("data", f"s3://{BUCKET}/train", artifact_type="DataSet", sagemaker_session=session)
    made = Artifact.create("made", f"s3://{BUCKET}/made", artifact_type="Model", sagemaker_session=session)
    action = Action.create(
        "training", f"s3://{BUCKET}/job", "SomeType", action_type="ModelTraining", sagemaker_session=session
    )
    context = Context.create(
        "place", f"s3://{BUCKET}/place", source_type="Custom", context_type="Endpoint", sagemaker_session=session
    )
    for source, target, kind in [
        (data.artifact_arn, action.action_arn, "ContributedTo"),
        (action.action_arn, made.artifact_arn, "Produced"),
        (made.artifact_arn, context.context_arn, "AssociatedWith"),
    ]:
        Association.create(source, target, kind, sagemaker_session=session)
    found = LineageQuery(session).query(
        start_arns=[made.artifact_arn], direction=LineageQueryDirectionEnum.ASCENDANTS, include_edges=True
    )
    expect({vertex.arn for vertex in found.vertices} >= {data.artifact_arn, action.action_arn}, found)
    expect(len(found.edges) == 2, found.edges)
    expect(len(list(Association.list(source_arn=data.artifact_arn, sagemaker_session=session))) == 1)
    for artifact in Artifact.list(sagemaker_session=session):
        expect(artifact.artifact_arn)


@step("logs of an endpoint and search of training jobs")
def searching() -> None:
    found = session.search(
        resource="TrainingJob",
        search_expression={"Filters": [{"Name": "TrainingJobStatus", "Operator": "Equals", "Value": "Failed"}]},
    )
    expect(isinstance(found["Results"], list))
    expect(session.logs_for_job("fit-quiet", wait=False) is None)


@step("tags and lists of the session")
def tags() -> None:
    model("tagged", predictor_cls=Predictor).deploy(
        1, "ml.m5.large", endpoint_name="tagged", tags=[{"Key": "team", "Value": "vision"}]
    )
    arn = client.describe_endpoint(EndpointName="tagged")["EndpointArn"]
    expect({"Key": "team", "Value": "vision"} in session.list_tags(arn), session.list_tags(arn))


if __name__ == "__main__":
    session.default_bucket()  # made here, and used by all the steps
    run()
