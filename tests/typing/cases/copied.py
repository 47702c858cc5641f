# Copies, dicts and patterns of generated classes. After "# R" stands the type that both checkers reveal.
import copy
import sys

import attrs

from sagemaker_typed import to_dict
from sagemaker_typed.types import DescribeCompilationJobResponse, Framework, InputConfig, StoppingCondition

config = InputConfig(s3_uri="s3://b/m.tar.gz", framework="KERAS")
evolved = attrs.evolve(config, framework="ONNX")
reveal_type(evolved)  # R InputConfig
evolved.framework.is_known
attrs.asdict(config)["s3_uri"]
attrs.fields(InputConfig)
reveal_type(copy.copy(config))  # R InputConfig
reveal_type(copy.deepcopy(config))  # R InputConfig
if sys.version_info >= (3, 13):
    reveal_type(copy.replace(config, framework="ONNX"))  # R InputConfig
reveal_type(to_dict(config))  # R dict[str, Any]


def described(job: DescribeCompilationJobResponse) -> str:
    match job:
        case DescribeCompilationJobResponse(failure_reason=str() as reason):
            return reason
        case DescribeCompilationJobResponse(
            stopping_condition=StoppingCondition(max_runtime_in_seconds=int() as seconds)
        ):
            return f"{seconds}"
        case _:
            return ""


match config.framework:
    case Framework.KERAS:
        reveal_type(config.framework.is_known)  # R bool
    case _:
        pass
match evolved:
    case InputConfig(framework=framework, s3_uri=uri):
        reveal_type(framework)  # R Framework
        reveal_type(uri)  # R str
