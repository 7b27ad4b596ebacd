"""How a statement of the Data API runs on a session, and how it is cancelled."""

from collections.abc import Callable, Mapping
from time import monotonic_ns

from warehouse.redshift.data_api.errors import not_valid
from warehouse.redshift.data_api.statement import Part, Statement, Status
from warehouse.redshift.dialect.parameters import shared
from warehouse.redshift.engine import run_alone
from warehouse.redshift.errors import CancelledError, RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.session import Session

_CANCELS = 20
_CANCEL_SECONDS = 0.05
"""A cancel is sent again, for a second: DuckDB forgets one that comes between two of its own statements."""


def run(
    statement: Statement, session: Session, clock: Callable[[], float], release: Callable[[], None]
) -> None:
    """Run a statement to its end, which is told in it; nothing is raised.

    In a session that is kept a client may begin, commit and roll back; else each call is a transaction.

    Args:
        statement: What to run.
        session: Where.
        clock: Seconds since 1970.
        release: Lets go of the session, before the end is told: so the next statement may have it.
    """
    began = monotonic_ns()
    status: Status = "FINISHED"
    for parts, parameters in _transactions(statement):
        error = _run(statement, parts, parameters, session, clock)
        if error:
            statement.error = statement.error or f"ERROR: {error}"
            is_aborted = isinstance(error, CancelledError) and statement.is_cancelled
            status = "ABORTED" if is_aborted else "FAILED"
            _settle(parts, status, clock(), f"ERROR: {error}", error.number)
            if is_aborted:
                break
    for part in statement.parts:
        if part.status not in {"FINISHED", "FAILED"}:
            part.settle("ABORTED", clock(), part.error)
    if status == "FINISHED" and any(part.status == "FAILED" for part in statement.parts):
        status = "FAILED"
    statement.duration_nanos = monotonic_ns() - began
    with statement.lock:  # who cancels must not reach the statement that has the session next
        release()
        statement.move(status, clock())


def cancel(statement: Statement, clock: Callable[[], float], release: Callable[[], None]) -> bool:
    """Have a statement that waits or runs end as ABORTED; return whether it waited, and so has ended here.

    A statement that DuckDB does not run at the moment, such as a COPY that waits for S3, ends as soon as it
    comes back: it commits nothing any more.

    Raises:
        DataApiError: It has ended before.
    """
    with statement.lock:
        if statement.is_done:
            raise not_valid(_ended(statement))
        statement.is_cancelled = True
    if statement.future and statement.future.cancel():  # it waited for a worker
        for part in statement.parts:
            part.settle("ABORTED", clock())
        statement.error = f"ERROR: {CancelledError(is_requested=True)}"
        release()
        statement.move("ABORTED", clock())
        return True
    for _ in range(_CANCELS):
        with statement.lock:
            if statement.session and not statement.is_done:
                statement.session.cancel()
        if statement.done.wait(_CANCEL_SECONDS):
            break
    if statement.is_done and statement.status != "ABORTED":
        raise not_valid(_ended(statement))
    return False


def _ended(statement: Statement) -> str:
    return (
        f"Could not cancel a query that is already in {statement.status} state "
        f"with ID: {statement.identifier}"
    )


def _transactions(statement: Statement) -> list[tuple[list[Part], Mapping[str, str]]]:
    asked = statement.asked
    if not asked.is_auto_commit:
        return [(statement.parts, asked.parameters)]
    each = shared(asked.sqls, asked.parameters)
    return [([part], own) for part, own in zip(statement.parts, each, strict=True)]


def _run(
    statement: Statement,
    parts: list[Part],
    parameters: Mapping[str, str],
    session: Session,
    clock: Callable[[], float],
) -> RedshiftError | None:
    waiting = list(parts)

    def start() -> None:
        statement.move("STARTED", clock())
        waiting[0].status, waiting[0].updated = "STARTED", clock()

    def take(result: Result) -> None:
        waiting.pop(0).finish(result, clock())
        if waiting:
            start()

    sqls = [part.sql for part in parts]
    try:
        if statement.is_cancelled:
            raise CancelledError(is_requested=True)  # noqa: TRY301  # as one that comes later
        if statement.session_id:
            start()
            session.run(sqls, parameters, take)
        else:
            run_alone(session, sqls, parameters, start, take)
    except RedshiftError as error:
        return error
    except Exception as error:  # noqa: BLE001  # a worker has nobody above it: the client is told
        return RedshiftError(f"internal: {error!r}")
    return None


def _settle(parts: list[Part], status: Status, now: float, error: str, number: int) -> None:
    """Say where a transaction failed: those before had run, those after never began, and nothing is kept."""
    for place, part in enumerate(parts, 1):
        if place < number:
            part.settle("FINISHED", now)
        elif place == number:
            part.settle(status, now, error)
        else:
            part.settle("ABORTED", now)
