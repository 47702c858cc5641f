from sagemaker_typed import SageMaker
from sagemaker_typed.types import (
    DescribeEndpointOutput,
    Framework,
    InputConfig,
    OutputConfig,
    StoppingCondition,
    TargetDevice,
)
from sagemaker_typed.waiting import WaitReport

sm = SageMaker(region="us-west-2")
sm.compilation_jobs.create(
    "resnet-c5",
    role_arn="arn:aws:iam::123456789012:role/SageMaker",
    input_config=InputConfig(s3_uri="s3://b/m.tar.gz", framework=Framework.PYTORCH, data_input_config="{}"),
    output_config=OutputConfig(s3_output_location="s3://b/out", target_device="ml_c5"),
    stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
    tags={"team": "vision"},
)
job = sm.compilation_jobs.wait_until_completed("resnet-c5", timeout=1800)
endpoint = sm.endpoints.wait_until_updated("resnet", endpoint_config_name="resnet-2", progress=True)
app = sm.apps.wait_until_in_service("app", domain_id="d-1", app_type="JupyterLab", space_name="space")
report: WaitReport[DescribeEndpointOutput] = sm.endpoints.wait_all([endpoint.endpoint_name], until="deleted")
report = sm.endpoints.wait_all(["a", "b"], until="updated", endpoint_config_name="resnet-2")
report = sm.endpoints.wait_all(["a", "b"], until="updated", endpoint_config_name={"a": "a-2", "b": "b-2"})
print(job.model_artifacts.s3_model_artifacts, TargetDevice("ml_new").is_known)
for summary in sm.compilation_jobs.list(status_equals="COMPLETED"):
    print(summary.compilation_job_name, summary.creation_time.isoformat())
