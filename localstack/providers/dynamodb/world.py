"""All that is ours beside moto's tables: their streams, when their items expire, and the lock of both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from weakref import WeakKeyDictionary

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from localstack.providers.dynamodb.stream import Stream
from localstack.providers.dynamodb.streams import Streams
from localstack.providers.dynamodb.tokens import Tokens
from localstack.providers.dynamodb.ttl import Expiries

type Key = tuple[DynamoType, DynamoType | None]


@dataclass(slots=True)
class TableState:
    """What moto does not know of a table.

    Attributes:
        stream: That is open; None where there is none.
        expiries: Of its items; None where they live for ever.
    """

    stream: Stream | None = None
    expiries: Expiries[Key] | None = None


@dataclass
class World:
    """The state of all accounts and regions.

    moto's stores are plain dictionaries: one that is read while another request writes to it fails. So
    whoever touches a table or a stream holds `lock`.
    """

    now: Callable[[], float]
    lock: RLock = field(default_factory=RLock)
    states: "WeakKeyDictionary[Table, TableState]" = field(default_factory=WeakKeyDictionary)
    streams: Streams = field(init=False)
    tokens: Tokens = field(init=False)

    def __post_init__(self) -> None:
        """Hold nothing yet."""
        self.streams = Streams(self.now)
        self.tokens = Tokens(self.now)

    def state(self, table: Table) -> TableState:
        """Return what is ours of a table."""
        return self.states.setdefault(table, TableState())


def backend(account: str, region: str) -> DynamoDBBackend:
    """Return moto's tables of an account in a region."""
    tables: DynamoDBBackend = dynamodb_backends[account][region]
    return tables
