"""moto's own tests of SageMaker, run against LocalSageMaker through boto3. See `run.py`."""
