"""A snapshot: what it is called, and what it is made of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Self

FOR_EVER = -1
"""ManualSnapshotRetentionPeriod of a snapshot that is kept until it is deleted."""

_VERSION = 1

Kind = Literal["manual", "automated"]
Status = Literal["creating", "available", "failed", "deleted"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the file: the end of its key, its length in bytes, and its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The warehouse's file as it was at a moment.

    Attributes:
        identifier: As clients name it.
        cluster: Whose file it is.
        database: The name of its database.
        kind: Whether somebody asked for it, or a schedule did.
        created: The moment.
        retention_days: Of a manual one; `FOR_EVER`, or days.
        tags: Key and value.
        status: `creating` until its manifest is written.
        elapsed_seconds: How long it took.
        parts: Of the file, in their order.
    """

    identifier: str
    cluster: str
    database: str
    kind: Kind
    created: datetime
    retention_days: int = FOR_EVER
    tags: tuple[tuple[str, str], ...] = ()
    status: Status = "creating"
    elapsed_seconds: float = 0.0
    parts: tuple[Part, ...] = ()

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return sum(part.size for part in self.parts)

    def expires(self, automated_days: int) -> datetime | None:
        """Return when its retention ends, or None where it never does."""
        days = automated_days if self.kind == "automated" else self.retention_days
        return None if days == FOR_EVER else self.created + timedelta(days=days)

    def available(self, parts: Sequence[Part], elapsed_seconds: float) -> Self:
        """Return it as it is when all parts are stored."""
        return replace(self, status="available", parts=tuple(parts), elapsed_seconds=elapsed_seconds)

    def manifest(self) -> bytes:
        """Return what is stored beside the parts."""
        described = asdict(self) | {"created": self.created.isoformat(), "version": _VERSION}
        return json.dumps(described, indent=1).encode()

    @classmethod
    def from_manifest(cls, data: bytes) -> Self:
        """Read what `manifest` wrote.

        Raises:
            ValueError: It is no manifest of a version that is known.
        """
        try:
            described: dict[str, Any] = json.loads(data)
            version = described.pop("version")
            if version != _VERSION:
                msg = f"`version` must be {_VERSION}; got {version}"
                raise ValueError(msg)
            return cls(**described | _typed(described))
        except (KeyError, TypeError, AttributeError) as error:
            msg = f"is no manifest of a snapshot: {error!r}"
            raise ValueError(msg) from None


def _typed(described: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "created": datetime.fromisoformat(described["created"]),
        "tags": tuple((key, value) for key, value in described["tags"]),
        "parts": tuple(Part(**part) for part in described["parts"]),
    }
