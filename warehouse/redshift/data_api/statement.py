"""One statement, or batch, of the Data API: what was asked, how it stands, what it gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Literal

from warehouse.redshift.result import Result
from warehouse.redshift.session import Session

if TYPE_CHECKING:
    from concurrent.futures import Future

Status = Literal["SUBMITTED", "PICKED", "STARTED", "FINISHED", "FAILED", "ABORTED"]
DONE = frozenset({"FINISHED", "FAILED", "ABORTED"})
TTL_SECONDS = 24 * 3600
"""AWS, "Quotas for the Amazon Redshift Data API": how long a statement, and its result, is kept."""


@dataclass(slots=True)
class Part:
    """One SQL statement of a batch, or the only one; times are seconds since 1970.

    Attributes:
        size_bytes: Of its rows in memory; 0 without a result.
    """

    sql: str
    status: Status = "SUBMITTED"
    updated: float = 0.0
    error: str = ""
    result: Result | None = None
    size_bytes: int = 0

    @property
    def has_result_set(self) -> bool:
        """Whether rows can be read, if only none."""
        return self.result is not None and self.result.columns is not None

    def finish(self, result: Result, now: float) -> None:
        """Keep what it gave."""
        self.result, self.updated, self.status = result, now, "FINISHED"
        self.size_bytes = result.table.nbytes if result.table is not None else 0

    def settle(self, status: Status, now: float, error: str = "") -> None:
        """Take its last status where it did not run, failed, or is undone; what it gave is gone."""
        self.result, self.updated, self.status = None, now, status
        self.error, self.size_bytes = error, 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asked for.

    Attributes:
        sqls: The statements.
        parameters: Their values by name.
        is_batch: Whether it came as BatchExecuteStatement.
        target: Cluster, database and user as the request names them.
        name: StatementName.
        result_format: JSON or CSV.
        is_auto_commit: Whether each statement of a batch is a transaction of its own.
        is_with_event: Whether EventBridge is told when it ends.
    """

    sqls: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_batch: bool = False
    target: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    result_format: str = "JSON"
    is_auto_commit: bool = False
    is_with_event: bool = False


@dataclass(slots=True, eq=False)
class Statement:
    """One call of ExecuteStatement or BatchExecuteStatement; times are seconds since 1970.

    A worker writes it, and any thread reads it: `status` is written last, so who sees it done sees all of it.

    Attributes:
        number: Of the statements in the order in which they came, from 1.
        session_id: Of the session that is kept, or nothing.
        pid: Of the session that runs it, from 1 in each process of the warehouse; 0 before it is picked.
        done: Set when nothing of it will change any more.
        waiting: Requests that wait for that.
        future: Of the worker that runs it.
        session: Where it runs; None before it is picked.
    """

    identifier: str
    asked: Asked
    created: float
    request: Mapping[str, Any] = field(default_factory=dict)
    session_id: str = ""
    number: int = 0
    status: Status = "SUBMITTED"
    updated: float = 0.0
    pid: int = 0
    duration_nanos: int = 0
    error: str = ""
    is_cancelled: bool = False
    waiting: int = 0
    future: "Future[None] | None" = None
    session: Session | None = None
    done: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)
    parts: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with what was asked, as submitted."""
        self.updated = self.updated or self.created
        self.parts = self.parts or [Part(sql, updated=self.created) for sql in self.asked.sqls]

    @property
    def is_done(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.status in DONE

    @property
    def size_bytes(self) -> int:
        """Of all its results in memory."""
        return sum(part.size_bytes for part in self.parts)

    def move(self, status: Status, now: float) -> None:
        """Go on to another status."""
        self.updated = now
        self.status = status
        if status in DONE:
            self.done.set()
