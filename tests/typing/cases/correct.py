from sagemaker_typed import SageMaker
from sagemaker_typed.types import Framework, InputConfig, OutputConfig, StoppingCondition, TargetDevice

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
print(job.model_artifacts.s3_model_artifacts, TargetDevice("ml_new").is_known)
for summary in sm.compilation_jobs.list(status_equals="COMPLETED"):
    print(summary.compilation_job_name, summary.creation_time.isoformat())
