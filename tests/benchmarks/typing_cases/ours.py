from sagemaker_typed import SageMaker
from sagemaker_typed.types import Framework, InputConfig, OutputConfig, StoppingCondition, TargetDevice

sm = SageMaker(region="us-west-2")
created = sm.compilation_jobs.create(
    "resnet-c5",
    role_arn="arn:aws:iam::123456789012:role/neo",
    input_config=InputConfig(s3_uri="s3://in/m.tgz", framework=Framework.PYTORCH, data_input_config='{"x":[1]}'),
    output_config=OutputConfig(s3_output_location="s3://out", target_device=TargetDevice.ML_C5),
    stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
)
job = sm.compilation_jobs.wait_until_completed("resnet-c5", timeout=1800)
print(created.compilation_job_arn, job.compilation_job_status, job.model_artifacts.s3_model_artifacts)
for item in sm.compilation_jobs.list(status_equals="COMPLETED"):
    print(item.compilation_job_name, item.creation_time)
