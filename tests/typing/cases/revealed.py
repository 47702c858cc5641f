# After "# R" stands the type that both checkers reveal.
from datetime import timedelta

from sagemaker_typed import AsyncSageMaker, SageMaker, errors, from_boto3, logs
from sagemaker_typed.search import TrainingJobFields, metric
from sagemaker_typed.types import (
    CreateEndpointInput,
    DescribeCompilationJobRequest,
    DescribeCompilationJobResponse,
    Framework,
    InputConfig,
    ListCompilationJobsRequest,
    StopCompilationJobRequest,
)

sm = SageMaker()
config = InputConfig(s3_uri="s3://b/m.tar.gz", framework="KERAS")
reveal_type(config.framework)  # R Framework
reveal_type(config.framework_version)  # R str | None
reveal_type(Framework.KERAS.is_known)  # R bool
job = sm.compilation_jobs.describe("resnet-c5")
reveal_type(job)  # R DescribeCompilationJobResponse
reveal_type(job.model_artifacts.s3_model_artifacts)  # R str
reveal_type(job.failure_reason)  # R str | None
reveal_type(job.creation_time)  # R datetime
reveal_type(job.response_metadata.request_id)  # R str | None
reveal_type(sm.api.describe_compilation_job("resnet-c5"))  # R DescribeCompilationJobResponse
pages = sm.compilation_jobs.list()
reveal_type(pages)  # R Pages[CompilationJobSummary, ListCompilationJobsResponse]
reveal_type(pages.first())  # R CompilationJobSummary | None
reveal_type(next(pages.by_page()))  # R ListCompilationJobsResponse
reveal_type(sm.send(DescribeCompilationJobRequest(compilation_job_name="x")))  # R DescribeCompilationJobResponse
reveal_type(sm.send(ListCompilationJobsRequest()))  # R ListCompilationJobsResponse
reveal_type(sm.send(StopCompilationJobRequest(compilation_job_name="x")))  # R None
reveal_type(sm.compilation_jobs.wait_until_completed("x"))  # R DescribeCompilationJobResponse
reveal_type(sm.models.wait_until_deleted("x"))  # R DescribeModelOutput | None
condition = TrainingJobFields.training_job_name == "x"
reveal_type(sm.training_jobs.search(where=condition))  # R Pages[TrainingJob, SearchResponse]
reveal_type(sm.search("TrainingJob", sort_by=metric("a").descending()))  # R Pages[SearchRecord, SearchResponse]
reveal_type(TrainingJobFields.resource_config.instance_type)  # R Property
reveal_type(TrainingJobFields.training_job_name == "x")  # R Condition
reveal_type(sm.endpoints.deploy("x", config="y"))  # R DescribeEndpointOutput
reveal_type(sm.experiments.components("x").first())  # R TrialComponentSummary | None
reveal_type(sm.experiments.trials("x"))  # R Pages[TrialSummary, ListTrialsResponse]
reveal_type(sm.trial_components.list(trial_name="x"))  # R Pages[TrialComponentSummary, ListTrialComponentsResponse]
for line in sm.training_jobs.logs("x", follow=True, since=timedelta(hours=1)):
    reveal_type(line.message)  # R str
    reveal_type(line.timestamp)  # R datetime
reveal_type(sm.training_jobs.logs("x"))  # R LogLines
reveal_type(logs.lines(sm, "/mine"))  # R LogLines
sm.training_jobs.wait_until_completed("x", logs=lambda line: print(line.message), log_tail=20)
reveal_type(from_boto3(DescribeCompilationJobResponse, {}))  # R DescribeCompilationJobResponse
create = CreateEndpointInput(endpoint_name="e", endpoint_config_name="c")
reveal_type(sm.run_all([create]))  # R WaitReport[DescribeEndpointOutput]
reveal_type(sm.run_all([create]).rows()[0].response)  # R DescribeEndpointOutput | None
with sm.runner() as runner:
    reveal_type(runner.submit(create))  # R RunFuture[DescribeEndpointOutput]
    reveal_type(runner.submit(create).result())  # R DescribeEndpointOutput
reveal_type(sm.map(sm.models.describe, ["a"]))  # R MapReport[str, DescribeModelOutput]
try:
    sm.compilation_jobs.stop("resnet-c5")
except errors.ApiError as error:
    reveal_type(error.code)  # R str
    reveal_type(error.request_id)  # R str | None


async def asynchronous() -> None:
    aio = AsyncSageMaker()
    reveal_type(await aio.endpoints.describe("e"))  # R DescribeEndpointOutput
    reveal_type(await aio.endpoints.delete("e"))  # R None
    reveal_type(await aio.api.describe_compilation_job("x"))  # R DescribeCompilationJobResponse
    request = DescribeCompilationJobRequest(compilation_job_name="x")
    reveal_type(await aio.send(request))  # R DescribeCompilationJobResponse
    jobs = aio.compilation_jobs.list()
    reveal_type(jobs)  # R AsyncPages[CompilationJobSummary, ListCompilationJobsResponse]
    reveal_type(await jobs.first())  # R CompilationJobSummary | None
    async for each in jobs:
        reveal_type(each)  # R CompilationJobSummary
    async for page in jobs.by_page():
        reveal_type(page)  # R ListCompilationJobsResponse
    async for record in aio.search("Endpoint"):
        reveal_type(record)  # R SearchRecord
    reveal_type(await aio.compilation_jobs.wait_until_completed("x"))  # R DescribeCompilationJobResponse
    reveal_type(await aio.models.wait_until_deleted("x"))  # R DescribeModelOutput | None
    reveal_type(aio.training_jobs.logs("x"))  # R AsyncLogLines
    reveal_type(logs.lines(aio, "/mine"))  # R AsyncLogLines
    async for written in aio.endpoints.logs("x", follow=True):
        reveal_type(written.stream)  # R str
    updated = aio.endpoints.wait_all(["x"], until="updated", endpoint_config_name="c")
    reveal_type(await updated)  # R WaitReport[DescribeEndpointOutput]
    reveal_type(aio.with_options(timeout=3))  # R AsyncSageMaker
    async with aio as entered:
        reveal_type(entered)  # R AsyncSageMaker


from sagemaker_typed.services.runtime import InvokeEndpointInput

reveal_type(sm.runtime.invoke_endpoint("e", body=b"x"))  # R InvokeEndpointOutput
reveal_type(sm.runtime.invoke_endpoint("e", body="x").body.read())  # R bytes
with open("x", "rb") as file:
    reveal_type(sm.send(InvokeEndpointInput(endpoint_name="e", body=file)))  # R InvokeEndpointOutput
for part in sm.runtime.invoke_endpoint_with_response_stream("e", body=b"x").body:
    reveal_type(part)  # R PayloadPart
reveal_type(sm.featurestore.list_records("g"))  # R Pages[str, ListRecordsResponse]
reveal_type(sm.a2i.wait_until_completed("loop"))  # R DescribeHumanLoopResponse
reveal_type(sm.endpoints.invoke("e", {"a": 1}))  # R EndpointAnswer
reveal_type(sm.endpoints.invoke_stream("e", "x").events())  # R Iterator[ServerSentEvent]
for answer in sm.endpoints.invoke_all("e", [1, b"x"], max_concurrency=2, timeout=3, content_type="text/csv"):
    reveal_type(answer)  # R EndpointAnswer
for told in sm.endpoints.invoke_all("e", [1, b"x"], return_exceptions=True):
    reveal_type(told)  # R EndpointAnswer | SageMakerError
reveal_type(sm.endpoints.wait_for_output("s3://b/k").body)  # R bytes
reveal_type(sm.feature_groups.get_record("g", 7))  # R FeatureRecord | None
reveal_type(sm.feature_groups.ingest("g", [{"id": 1}]).failed[0].error)  # R Exception
reveal_type(sm.feature_groups.batch_get("g", ["a", 7]).succeeded)  # R dict[str | int, FeatureRecord | None]
reveal_type(sm.flow_definitions.run_human_loop("f", {"n": 1}))  # R DescribeHumanLoopResponse
reveal_type(sm.trial_components.put_metrics("t", []).written)  # R int
reveal_type(sm.wait_all([("endpoints", "e")], logs=lambda name, line: print(name, line.message)))  # R WaitReport[Any]


async def invoke(asm: AsyncSageMaker) -> None:
    async for answer in asm.endpoints.invoke_all("e", [1, b"x"]):
        reveal_type(answer)  # R EndpointAnswer
    reveal_type(await asm.endpoints.wait_for_output("s3://b/k"))  # R EndpointOutput
    reveal_type(await asm.feature_groups.get_record("g", 7))  # R FeatureRecord | None
    reveal_type((await asm.feature_groups.ingest("g", [{"id": 1}])).rows())  # R list[tuple[int, str, str]]
    reveal_type(await asm.flow_definitions.start_human_loop("f", {"n": 1}))  # R StartedLoop
    reveal_type(await asm.trial_components.put_metrics("t", []))  # R MetricsReport
    reveal_type(await asm.runtime.invoke_endpoint("e", body=b"x"))  # R InvokeEndpointOutput
    reveal_type(await asm.endpoints.invoke("e", b"x"))  # R EndpointAnswer
    reveal_type(await asm.endpoints.deploy("e", config="c"))  # R DescribeEndpointOutput
    reveal_type(asm.trials.components("t"))  # R AsyncPages[TrialComponentSummary, ListTrialComponentsResponse]
    reveal_type(asm.endpoints.search())  # R AsyncPages[Endpoint, SearchResponse]
    async for part in (await asm.runtime.invoke_endpoint_with_response_stream("e", body=b"x")).body:
        reveal_type(part)  # R PayloadPart


batch = sm.compilation_jobs.wait_all(["a", "b"])
reveal_type(batch)  # R WaitReport[DescribeCompilationJobResponse]
reveal_type(batch.succeeded["a"].model_artifacts.s3_model_artifacts)  # R str
reveal_type(batch.failed["a"])  # R SageMakerError
reveal_type(batch.failed["a"].reason)  # R str | None
reveal_type(batch.stopped["a"].response)  # R DescribeCompilationJobResponse | None
reveal_type(batch.pending["a"].response)  # R DescribeCompilationJobResponse | None
reveal_type(batch.missing["a"].kind)  # R str | None
reveal_type(batch.problems)  # R dict[str, SageMakerError]
reveal_type(batch.problems["a"].reason)  # R str | None
reveal_type(batch.raise_for_failures())  # R None
ended: errors.WaitError[DescribeCompilationJobResponse] = errors.WaitFailedError("ended", name="a")
reveal_type(ended.response)  # R DescribeCompilationJobResponse | None
try:
    sm.compilation_jobs.wait_until_completed("a", log_tail=5)
except errors.WaitTimeoutError as error:
    reveal_type(error.response)  # R Any | None
except errors.WaitFailedError as error:
    reveal_type(error.reason)  # R str | None
    reveal_type(error.log_tail[0].message)  # R str
except errors.WaitReportError as error:
    reveal_type(error.report)  # R WaitReport[Any]


async def asynchronous_waits(asm: AsyncSageMaker) -> None:
    waited = await asm.compilation_jobs.wait_all(["a", "b"])
    reveal_type(waited)  # R WaitReport[DescribeCompilationJobResponse]
    reveal_type(waited.failed["a"].reason)  # R str | None
    reveal_type(waited.pending["a"].response)  # R DescribeCompilationJobResponse | None
    reveal_type(waited.problems)  # R dict[str, SageMakerError]
    reveal_type(waited.raise_for_failures())  # R None
    ran = await asm.run_all([create])
    reveal_type(ran.stopped["e"].response)  # R DescribeEndpointOutput | None
    reveal_type((await asm.wait_all([("endpoints", "e")])).failed["e"].reason)  # R str | None


async def events(asm: AsyncSageMaker) -> None:
    async for event in (await asm.endpoints.invoke_stream("e", "x")).events():
        reveal_type(event)  # R ServerSentEvent
    reveal_type((await asm.pipeline_executions.start("p")).pipeline_execution_arn)  # R str
