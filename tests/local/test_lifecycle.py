"""Starting and stopping, what is left behind, and what the sessions know."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import boto3
import pytest

from sagemaker_typed import SageMaker
from sagemaker_typed.testing import LocalSageMaker, fast_forward
from tests.local.support import HandClock, error_of, names, request, status

pytestmark = pytest.mark.own_local

pytest_plugins = ["pytester"]


def test_nothing_is_left_behind(clock: HandClock) -> None:
    def use() -> tuple[str, int]:
        with LocalSageMaker(clock=clock) as local:
            sm, s3 = local.boto3_client("sagemaker"), local.boto3_client("s3")
            s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
            s3.put_object(Bucket="models", Key="in/resnet.tar.gz", Body=b"x" * 1_000_000)
            sm.create_compilation_job(**request("job"))
            clock.forward(10)
            assert status(sm, "job") == "COMPLETED"
            host, _, port = local.url.removeprefix("http://").partition(":")
            return host, int(port)

    use()  # what imports and caches for good does so here
    threads, variables, sockets = set(threading.enumerate()), dict(os.environ), open_sockets()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        address = use()
        gc.collect()
    assert set(threading.enumerate()) <= threads  # those of other tests may have ended meanwhile
    assert open_sockets() <= sockets
    assert dict(os.environ) == variables
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def open_sockets() -> set[str]:
    folder = "/proc/self/fd"
    if not os.path.isdir(folder):
        pytest.skip("this system does not list a process's sockets")
    links: set[str] = set()
    for descriptor in os.listdir(folder):
        try:
            links.add(os.readlink(f"{folder}/{descriptor}"))
        except FileNotFoundError:  # the descriptor of the listing itself
            continue
    return {link for link in links if link.startswith("socket:")}


def test_stopping_does_not_wait_for_idle_clients(local: LocalSageMaker) -> None:
    host, _, port = local.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as idle:
        local.boto3_client("sagemaker").list_compilation_jobs()
        local.stop()
        assert idle.recv(1) == b""


def test_loopback_only(local: LocalSageMaker) -> None:
    assert local.url.startswith("http://127.0.0.1:")


def test_connections_are_kept(local: LocalSageMaker, sm: Any) -> None:
    before = open_sockets()
    for _ in range(5):
        sm.list_compilation_jobs()
    # One connection has two ends in this process.
    assert len(open_sockets() - before) == 2


def test_one_at_a_time(local: LocalSageMaker) -> None:
    other = LocalSageMaker()
    with pytest.raises(RuntimeError, match="is already running in this process"):
        other.start()
    with pytest.raises(RuntimeError, match="is already running in this process"):
        local.start()
    local.stop()
    local.stop()
    with other:
        assert other.url


def test_each_start_begins_empty(clock: HandClock) -> None:
    local = LocalSageMaker(clock=clock)
    for _ in range(2):
        with local:
            sm, s3 = local.boto3_client("sagemaker"), local.boto3_client("s3")
            assert names(sm.list_compilation_jobs()) == []
            assert s3.list_buckets()["Buckets"] == []
            s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
            sm.create_compilation_job(**request("job"))
    assert local.calls["CreateCompilationJob"] == 2


def test_reset(local: LocalSageMaker, sm: Any, s3: Any) -> None:
    local.script("compilation_job", "*", ["FAILED"])
    local.fail_next("ListCompilationJobs", "ThrottlingException")
    sm.create_compilation_job(**request("job"))
    sm.create_model(
        ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/neo", PrimaryContainer={"Image": "i"}
    )
    url = local.url
    local.reset()
    assert local.url == url
    assert local.calls == {}
    assert names(sm.list_compilation_jobs()) == []
    assert sm.list_models()["Models"] == []
    assert s3.list_buckets()["Buckets"] == []
    sm.create_compilation_job(**request("job"))
    assert status(sm, "job") == "STARTING"


def test_what_needs_a_running_one_says_so() -> None:
    local = LocalSageMaker()
    for use in (lambda: local.url, local.advance, lambda: local.boto3_client("s3")):
        with pytest.raises(RuntimeError, match="not running"):
            use()
    assert local.calls == {}
    local.reset()
    local.stop()


def test_a_pace_that_cannot_be_meant() -> None:
    with pytest.raises(ValueError, match="negative"):
        LocalSageMaker(every=-1)


def test_the_session_knows_its_region(local: LocalSageMaker) -> None:
    session: Any = local.session()
    elsewhere: Any = local.session("eu-west-1")
    assert (session.region_name, elsewhere.region_name) == ("us-west-2", "eu-west-1")
    client = session.client("sagemaker", endpoint_url=local.url)
    assert names(client.list_compilation_jobs()) == []
    client.close()


def test_the_callers_surroundings_do_not_matter(local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_PROFILE": "no-such-profile",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_ENDPOINT_URL_SAGEMAKER": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    sm = local.boto3_client("sagemaker")
    assert names(sm.list_compilation_jobs()) == []
    assert sm.meta.region_name == "us-west-2"


def test_many_threads_at_once(local: LocalSageMaker, sm: Any, s3: Any, clock: HandClock) -> None:
    def one(number: int) -> str:
        sm.create_compilation_job(**request(f"job-{number}"))
        return status(sm, f"job-{number}")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(40))) == {"STARTING"}
    clock.forward(2)
    assert len(names(sm.list_compilation_jobs(MaxResults=100, StatusEquals="COMPLETED"))) == 40
    assert local.calls["CreateCompilationJob"] == 40


def test_motos_own_mocks_live_beside_but_wipe(local: LocalSageMaker, sm: Any, s3: Any) -> None:
    from moto import mock_aws

    with mock_aws():
        theirs = cast("Any", boto3).client("s3", region_name="us-east-1")
        theirs.create_bucket(Bucket="theirs")
        code, message, http = error_of(sm.list_compilation_jobs)
        assert (code, http) == ("InternalFailure", 501)
        assert "mock_aws" in message
        local.reset()
        assert names(sm.list_compilation_jobs()) == []
        # A reset of ours leaves the other account alone.
        assert theirs.list_buckets()["Buckets"]


def test_large_objects_and_odd_keys(local: LocalSageMaker, s3: Any) -> None:
    body = os.urandom(3_000_000)
    for key in ("plain.bin", "with space/ä+%25.bin", "a//b"):
        s3.put_object(Bucket="models", Key=key, Body=body)
        assert s3.get_object(Bucket="models", Key=key)["Body"].read() == body
    assert s3.head_object(Bucket="models", Key="plain.bin")["ContentLength"] == len(body)
    s3.delete_object(Bucket="models", Key="plain.bin")
    assert error_of(s3.head_object, Bucket="models", Key="plain.bin")[2] == 404


def test_the_import_is_cheap() -> None:
    code = (
        "import sys, sagemaker_typed.testing as t; t.LocalSageMaker();"
        "print([name for name in ('moto', 'flask', 'werkzeug', 'boto3', 'botocore') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_start_does_without_moto() -> None:
    code = (
        "import sys\n"
        "from sagemaker_typed.testing import LocalSageMaker\n"
        "with LocalSageMaker() as local:\n"
        "    assert list(local.client().endpoints.list()) == []\n"
        "    print([name for name in ('moto', 'flask', 'werkzeug') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_account(clock: HandClock) -> None:
    with LocalSageMaker(clock=clock, account_id="999988887777") as local:
        arn = local.boto3_client("sagemaker").create_model(
            ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/neo", PrimaryContainer={"Image": "i"}
        )["ModelArn"]
    assert arn == "arn:aws:sagemaker:us-west-2:999988887777:model/m"
    with pytest.raises(ValueError, match="twelve digits"):
        LocalSageMaker(account_id="12")


def test_a_reset_over_http_is_a_reset(local: LocalSageMaker, sm: Any) -> None:
    sm.create_compilation_job(**request("job"))
    urllib.request.urlopen(urllib.request.Request(f"{local.url}/moto-api/reset", method="POST")).close()
    assert names(sm.list_compilation_jobs()) == []


@pytest.mark.parametrize("missing", ["moto", "flask", "flask_cors"])
def test_a_missing_extra_says_what_to_install(missing: str) -> None:
    code = (
        "import sys, importlib.abc, importlib.metadata as metadata\n"
        f"missing = {missing!r}\n"
        "class Hide(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == missing:\n"
        "            raise ModuleNotFoundError(f'No module named {missing!r}', name=missing)\n"
        "sys.meta_path.insert(0, Hide())\n"
        "from sagemaker_typed.testing import LocalSageMaker\n"
        "try:\n"
        "    LocalSageMaker().start()\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'sagemaker-typed[testing]'" in done.stdout


def test_an_old_moto_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        return "4.2.14"

    monkeypatch.setattr("importlib.metadata.version", version)
    with pytest.raises(ImportError, match=r"needs moto 5\.0\.28 or newer, but 4\.2\.14 is installed"):
        LocalSageMaker().start()


def test_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["sagemaker_typed.testing.pytest_plugin"]')
    pytester.makepyfile(
        """
        def test_one(local_sagemaker):
            local_sagemaker.boto3_client("s3").create_bucket(
                Bucket="models", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})

        def test_two(local_sagemaker):
            assert local_sagemaker.boto3_client("s3").list_buckets()["Buckets"] == []
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_the_options_of_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from sagemaker_typed.testing import fast_forward

        pytest_plugins = ["sagemaker_typed.testing.pytest_plugin"]

        @pytest.fixture
        def local_sagemaker_options():
            return {"region": "eu-west-1", "clock": fast_forward()}
        """
    )
    pytester.makepyfile(
        """
        def test_one(local_sagemaker):
            assert local_sagemaker.client().boto3_client.meta.region_name == "eu-west-1"
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_wait_on_the_forward_clock_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(seconds: float) -> None:
        raise AssertionError(f"slept {seconds} s")

    monkeypatch.setattr("time.sleep", sleep)
    with LocalSageMaker(clock=fast_forward(), every=600) as local, local.client() as sm:
        local.boto3_client("sagemaker").create_compilation_job(**request("job"))
        job = sm.compilation_jobs.wait_until_completed("job", timeout=7200)
        assert job.compilation_end_time is not None
        assert (job.compilation_end_time - job.creation_time).total_seconds() == 1200
        local.script("compilation_job", "*", ["STARTING"])
        local.boto3_client("sagemaker").create_compilation_job(**request("stuck"))
        with pytest.raises(TimeoutError):
            sm.compilation_jobs.wait_until_completed("stuck", timeout=3600)


def test_the_sessions_clients_are_on_it(local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    session: Any = local.session()
    sagemaker, s3 = session.client("sagemaker", endpoint_url=None), session.client("s3")
    assert sagemaker.meta.endpoint_url == local.url
    assert names(sagemaker.list_compilation_jobs()) == []
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    with SageMaker(session=session) as sm:
        assert list(sm.endpoints.list()) == []
    sagemaker.close()
    s3.close()


def test_stopping_does_not_wait_for_who_does_not_read(local: LocalSageMaker, s3: Any) -> None:
    s3.put_object(Bucket="models", Key="large", Body=b"x" * 20_000_000)
    body = s3.get_object(Bucket="models", Key="large")["Body"]
    assert body.read(10)
    local.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("LocalSageMaker")]
    with LocalSageMaker():
        pass
    body.close()


def test_the_account_is_motos_if_moto_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "111122223333")
    assert LocalSageMaker().account_id == "111122223333"
    with pytest.raises(ValueError, match="MOTO_ACCOUNT_ID=111122223333"):
        LocalSageMaker(account_id="999988887777")


def test_a_profile_that_is_not_there_does_not_matter() -> None:
    code = (
        "from sagemaker_typed.testing import LocalSageMaker\n"
        "with LocalSageMaker() as local:\n"
        "    print(local.boto3_client('s3').list_buckets()['Buckets'])\n"
    )
    environ = {**os.environ, "AWS_PROFILE": "nope"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environ)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_none_of_it(local: LocalSageMaker) -> None:
    code = (
        "import os, sys\n"
        "from sagemaker_typed.testing import LocalSageMaker\n"
        "with LocalSageMaker() as local:\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        local.stop()\n"
        "        with LocalSageMaker() as own:\n"
        "            os._exit(0 if own.url != '' else 1)\n"
        "    _, status = os.waitpid(child, 0)\n"
        "    assert local.boto3_client('sagemaker').list_endpoints()['Endpoints'] == []\n"
        "    sys.exit(os.waitstatus_to_exitcode(status))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
