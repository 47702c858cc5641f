"""The services beside SageMaker, held against boto3 over real HTTP."""
