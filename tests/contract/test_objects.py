"""One suite for every place where objects stand: S3 and its twin in memory keep the same promises."""

import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from app import wiring
from app.commands.bootstrap import prepare
from runtime.objects import MemoryObjects, NoSuchObjectError, Objects

if TYPE_CHECKING:
    from runtime.settings import Settings

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(params=["memory", "s3"])
def objects(request: pytest.FixtureRequest) -> Objects:
    """Give an empty place of each kind; S3 is LocalStack's, really started."""
    if request.param == "memory":
        return MemoryObjects(request.node.name)
    world: Settings = request.getfixturevalue("world")
    prepare(world)
    lake = wiring.lake(world)
    for key in list(lake.keys("")):
        lake.delete(key)
    return lake


def test_what_is_put_is_got(objects: Objects) -> None:
    """A second put replaces the first."""
    objects.put("a", b"1")
    objects.put("a", b"2")
    assert objects.get("a") == b"2"


@pytest.mark.parametrize("missing", [lambda objects: objects.get("a"), lambda objects: objects.get("a/b")])
def test_what_is_not_there_is_an_error_that_names_it(
    objects: Objects, missing: Callable[[Objects], bytes]
) -> None:
    """Never empty bytes."""
    with pytest.raises(NoSuchObjectError, match="no object under key `a"):
        missing(objects)


def test_put_new_is_won_once(objects: Objects) -> None:
    """The second is told, and changes nothing, even with the same bytes."""
    assert objects.put_new("plan", b"mine")
    assert not objects.put_new("plan", b"theirs")
    assert not objects.put_new("plan", b"mine")
    assert objects.get("plan") == b"mine"


def test_keys_come_in_their_order_and_by_prefix(objects: Objects) -> None:
    """More than one page of S3's would hold is the store's business."""
    for key in ("b/2", "a/1", "b/10", "c"):
        objects.put(key, b"")
    objects.delete("c")
    objects.delete("never there")
    assert list(objects.keys("b/")) == ["b/10", "b/2"]
    assert list(objects.keys("")) == ["a/1", "b/10", "b/2"]


def test_a_pickled_copy_sees_the_same_objects(objects: Objects) -> None:
    """Functions of a pipeline carry it."""
    copy = pickle.loads(pickle.dumps(objects))  # noqa: S301  # our own bytes
    copy.put("a", b"1")
    assert objects.get("a") == b"1"
