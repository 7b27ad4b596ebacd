"""A Lambda that runs, and the functions and streams that it is given."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import batched, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import StandError
from benchmarks import running
from benchmarks.functions.arrivals import Pair
from benchmarks.running import CLOCK
from benchmarks.turns import FAILURES

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

MOST_AT_ONCE = 100
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.02
_LARGEST_PUT = 500
_ROLE = "arn:aws:iam::000000000000:role/functions"
_HANDLER = Path(__file__).with_name("handler.py")
_NUMBERS = count(1)


class FailedError(StandError):
    """A function or a stream does not do what it was made for."""

    def __init__(self, name: str, answer: object) -> None:
        """Keep which, and what was answered."""
        super().__init__(name, answer)
        self.name = name
        self.answer = answer

    def __str__(self) -> str:
        """Say it."""
        return f"{self.name} failed: {self.answer}"


class Running(running.Running):
    """One peer, asked by one client a service."""

    functions: Any
    kinesis: "KinesisClient"

    def connect(self) -> None:
        """Make the clients."""
        self.functions = running.client("lambda", self.port, MOST_AT_ONCE)
        self.kinesis = running.client("kinesis", self.port)

    def ask(self) -> None:
        """List streams and functions."""
        self.kinesis.list_streams()
        self.functions.list_functions()

    @contextmanager
    def function(self, pause_seconds: float = 0.0) -> Iterator["Function"]:
        """Deploy the function under a new name, and delete it afterwards."""
        function = Function(self, f"bench-{next(_NUMBERS)}")
        function.deploy(pause_seconds)
        try:
            yield function
        finally:
            with suppress(*FAILURES):
                self.functions.delete_function(FunctionName=function.name)
            function.arrivals.unlink(missing_ok=True)

    @contextmanager
    def stream(self, shards: int, pairs: list[Pair]) -> Iterator[str]:
        """Make a stream that holds records, and delete it afterwards; yield its ARN."""
        name = f"bench-{next(_NUMBERS)}"
        self.kinesis.create_stream(StreamName=name, ShardCount=shards)
        try:
            _wait_until_active(name, lambda: self._summary(name)["StreamStatus"] == "ACTIVE")
            for some in batched(pairs, _LARGEST_PUT, strict=False):
                entries = [{"PartitionKey": key, "Data": data} for key, data in some]
                answer = self.kinesis.put_records(StreamName=name, Records=entries)  # type: ignore[arg-type]
                if answer.get("FailedRecordCount"):
                    raise FailedError(name, f"{answer['FailedRecordCount']} records refused")
            yield self._summary(name)["StreamARN"]
        finally:
            with suppress(*FAILURES):
                self.kinesis.delete_stream(StreamName=name)

    def _summary(self, name: str) -> Mapping[str, Any]:
        return self.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]


class Function:
    """A function that was deployed."""

    def __init__(self, running: Running, name: str) -> None:
        """Make nothing yet."""
        self.name = name
        self.arrivals = running.home / "arrivals" / f"{name}.txt"
        self._functions = running.functions

    def deploy(self, pause_seconds: float) -> None:
        """Create it, and wait until it is active."""
        self.arrivals.parent.mkdir(parents=True, exist_ok=True)
        self._functions.create_function(
            FunctionName=self.name,
            Runtime="python3.13",
            Handler="app.handler",
            Role=_ROLE,
            Code={"ZipFile": _zipped()},
            Timeout=30,
            MemorySize=256,
            Environment={"Variables": {"ARRIVALS": str(self.arrivals), "PAUSE": str(pause_seconds)}},
        )
        _wait_until_active(self.name, self._is_active)

    def _is_active(self) -> bool:
        settings = self._functions.get_function_configuration(FunctionName=self.name)
        if settings.get("State") == "Failed":
            raise FailedError(self.name, settings.get("StateReason"))
        return bool(settings.get("State", "Active") == "Active")

    def invoke(self, sleep_seconds: float = 0.0, log_type: str = "None") -> tuple[str, Mapping[str, Any]]:
        """Invoke it; return its environment and the whole answer.

        Raises:
            FailedError: It failed.
        """
        payload = json.dumps({"sleep": sleep_seconds}).encode()
        answer = self._functions.invoke(FunctionName=self.name, Payload=payload, LogType=log_type)
        body = json.loads(answer["Payload"].read())
        if "FunctionError" in answer or not isinstance(body, str):
            raise FailedError(self.name, body)
        return body, answer

    def invoke_at_once(self, invocations: int, sleep_seconds: float) -> set[str]:
        """Invoke it so many times at once; return the environments."""
        with ThreadPoolExecutor(invocations) as pool:
            futures = [pool.submit(self.invoke, sleep_seconds) for _ in range(invocations)]
            return {each.result()[0] for each in futures}

    @contextmanager
    def mapped(self, arn: str, **settings: Any) -> Iterator[None]:
        """Map a stream to it from the stream's beginning on, and delete the mapping afterwards."""
        mapping = self._functions.create_event_source_mapping(
            FunctionName=self.name, EventSourceArn=arn, StartingPosition="TRIM_HORIZON", **settings
        )
        try:
            yield
        finally:
            with suppress(*FAILURES):
                self._functions.delete_event_source_mapping(UUID=mapping["UUID"])


def _zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("app.py", _HANDLER.read_text(encoding="utf-8"))
    return file.getvalue()


def _wait_until_active(name: str, is_active: Callable[[], bool]) -> None:
    deadline = CLOCK.monotonic() + _READY_SECONDS
    while not is_active():
        if CLOCK.monotonic() > deadline:
            raise FailedError(name, f"not active within {_READY_SECONDS:g} s")
        CLOCK.sleep(_POLL_SECONDS)
