# Each line that ends in "# E" is a mistake that both checkers must name; no other line is.
from sagemaker_typed import SageMaker, errors
from sagemaker_typed.search import TrainingJobFields
from sagemaker_typed.types import DescribeEndpointInput, InputConfig, OutputConfig, StoppingCondition
from sagemaker_typed.types import NoSuchShape  # E

sm = SageMaker()
OutputConfig(s3_output_location="s3://b/out", target_device="ml_c55")  # E
sm.compilation_jobs.list(status_equals="COMPLETE")  # E
sm.compilation_jobs.describe()  # E
sm.api.describe_compilation_job()  # E
InputConfig(s3_url="s3://b/m.tar.gz", s3_uri="s3://b/m.tar.gz", framework="KERAS")  # E
StoppingCondition(max_runtime_in_seconds="900")  # E
job = sm.compilation_jobs.describe("resnet-c5")
print(job.model_artefacts)  # E
print(job.failure_reason.lower())  # E
sm.no_such_group  # E
sm.runtime.invoke_endpoint("e")  # E
sm.runtime.invoke_endpoint("e", body={"a": 1})  # E
sm.runtime.no_such_method  # E
sm.endpoints.invoke("e")  # E
sm.endpoints.invoke_all("e", [1], accepts="text/csv")  # E
sm.feature_groups.delete_record("g", "a")  # E
sm.feature_groups.put_record("g", {"id": 1}, target_stores=["Online"])  # E
sm.api.no_such_method  # E
sm.compilation_jobs.create("x", role_arn="r", stopping_condition=StoppingCondition())  # E
sm.endpoints.wait_until_updated("resnet")  # E
sm.apps.wait_until_in_service("app", app_type="JupyterLab")  # E
sm.models.wait_until_deleted("model").model_name  # E
sm.notebook_instances.wait_until_in_service("nb", stop_on_interrupt=True)  # E
sm.endpoints.wait_all(["a", "b"], until="updated")  # E
sm.endpoints.wait_all(["a", "b"], until="deleted", endpoint_config_name="resnet-2")  # E
sm.endpoints.wait_all(["a", "b"], endpoint_config_name="resnet-2")  # E
sm.endpoints.deploy("e", config="c", exclude_retained_variant_properties=["Weight"])  # E
sm.trial_components.list(trial_name="t", source_arn="arn")  # E
sm.training_jobs.search(where="TrainingJobName = 'a'")  # E
TrainingJobFields.training_job_nam  # E
sm.compilation_jobs.compile_for("arn", ["ml_c5"])  # E
sm.compilation_jobs.run("x")  # E
sm.models.run("x")  # E
sm.run_all([DescribeEndpointInput(endpoint_name="e")])  # E
sm.run_all([], exist_ok="some")  # E
with sm.runner() as runner:
    runner.submit(DescribeEndpointInput(endpoint_name="e"))  # E
try:
    sm.compilation_jobs.stop("resnet-c5")
except errors.ApiError as error:
    print(error.code + 1)  # E
