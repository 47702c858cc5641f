"""`SageMaker` objects in the workers of other people's frameworks: joblib, Ray, Dask and PySpark.

    make test-processes

sets up a virtual environment with them (`requirements.txt`; PySpark also needs a Java) and runs this folder. `make test` runs
it too, and skips the frameworks that are not installed.

Each test hands one object, made of a region and an endpoint, to several workers in processes of their own. Every worker
makes its calls while the others and the parent make theirs, over HTTP on loopback; an answer that is not a worker's own
fails. Typed answers and errors come back to the parent.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed import SageMaker
from sagemaker_typed.errors import ResourceNotFoundError
from sagemaker_typed.types import DescribeCompilationJobResponse
from tests.processes import work
from tests.processes.server import KEYS, echoing
from tests.support.model_server import ModelServer

ROOT = str(Path(__file__).parents[2])
WORKERS = 2
CALLS = 20

# The frameworks warn of this and that, and leave sockets to be collected.
pytestmark = [pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with echoing() as running:
        yield running


@pytest.fixture
def sm(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMaker]:
    """An object that has made a call already. Workers take keys and paths from the environment."""
    for name, value in {**KEYS, "PYTHONPATH": ROOT}.items():
        monkeypatch.setenv(name, value)
    with SageMaker(region="us-west-2", endpoint_url=server.url) as made:
        made.compilation_jobs.describe("first")
        yield made


def missing(framework: str) -> str:
    return f"{framework} is not installed: `make test-processes` installs it"


def assert_is_typed(answer: Any, name: str) -> None:
    assert type(answer) is DescribeCompilationJobResponse
    assert answer.compilation_job_name == name
    assert answer.response_metadata.request_id


def test_a_process_pool(sm: SageMaker) -> None:
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as executor:
        futures = [executor.submit(work.ask, sm, f"pool{index}", CALLS) for index in range(WORKERS)]
        work.ask(sm, "parent", CALLS)
        assert [future.result() for future in futures] == [CALLS] * WORKERS
        assert_is_typed(executor.submit(sm.compilation_jobs.describe, "pool").result(), "pool")
        with pytest.raises(ResourceNotFoundError):
            executor.submit(sm.endpoints.describe, "missing").result()


def test_joblib(sm: SageMaker) -> None:
    joblib = pytest.importorskip("joblib", reason=missing("joblib"))
    with joblib.parallel_config(backend="loky", n_jobs=WORKERS):
        calls = joblib.Parallel()(joblib.delayed(work.ask)(sm, f"joblib{index}", CALLS) for index in range(4))
        answers = joblib.Parallel()(joblib.delayed(sm.compilation_jobs.describe)(f"job{index}") for index in range(6))
        with pytest.raises(ResourceNotFoundError):
            joblib.Parallel()([joblib.delayed(sm.endpoints.describe)("missing")])
    assert calls == [CALLS] * 4
    for index, answer in enumerate(answers):
        assert_is_typed(answer, f"job{index}")


def test_ray(sm: SageMaker) -> None:
    ray = pytest.importorskip("ray", reason=missing("Ray"))
    ray.init(
        num_cpus=WORKERS,
        include_dashboard=False,
        _node_ip_address="127.0.0.1",
        object_store_memory=100_000_000,
        log_to_driver=False,
        runtime_env={"env_vars": {**KEYS, "PYTHONPATH": ROOT}},
    )
    try:
        shared = ray.put(sm)
        ask, described = ray.remote(work.ask), ray.remote(work.described)
        futures = [ask.remote(shared, f"ray{index}", CALLS) for index in range(4)]
        work.ask(sm, "parent", CALLS)
        assert ray.get(futures) == [CALLS] * 4
        assert_is_typed(ray.get(described.remote(shared, "ray")), "ray")
        with pytest.raises(ResourceNotFoundError):
            ray.get(ray.remote(work.fail).remote(shared))
    finally:
        ray.shutdown()


def test_dask(sm: SageMaker, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason=missing("Dask"))
    with (
        distributed.LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=2,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=str(tmp_path),
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        futures = [client.submit(work.ask, sm, f"dask{index}", CALLS) for index in range(6)]
        work.ask(sm, "parent", CALLS)
        assert client.gather(futures) == [CALLS] * 6
        assert_is_typed(client.submit(work.described, sm, "dask").result(), "dask")
        with pytest.raises(ResourceNotFoundError):
            client.submit(sm.endpoints.describe, "missing").result()


@pytest.fixture
def spark(sm: SageMaker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason=missing("PySpark"))
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("PySpark needs a Java")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    session = (
        sql.SparkSession.builder.master(f"local[{WORKERS}]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", str(tmp_path / "local"))
        .config("spark.sql.warehouse.dir", str(tmp_path / "warehouse"))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def test_a_spark_partition(sm: SageMaker, spark: Any) -> None:
    """`mapPartitions`: Spark forks its workers of one daemon."""
    names = [f"partition-{index}" for index in range(40)]
    rows = spark.sparkContext.parallelize(names, 4).mapPartitions(lambda part: work.describe_each(sm, part))
    assert rows.collect() == [(name, name) for name in names]


def test_a_spark_function(sm: SageMaker, spark: Any) -> None:
    from pyspark.sql.functions import udf

    status = udf(lambda name: sm.compilation_jobs.describe(name).compilation_job_name)
    names = [f"udf-{index}" for index in range(20)]
    frame = spark.createDataFrame([(name,) for name in names], "name string").repartition(2)
    found = {(row.name, row.found) for row in frame.select("name", status("name").alias("found")).collect()}
    assert found == {(name, name) for name in names}
