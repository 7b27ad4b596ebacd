"""How far a mapping is outlives its poller, and the process."""

from pathlib import Path

from localstack.providers.lambda_mapping.kept import Kept, Positions
from localstack.providers.lambda_mapping.progress import Position
from localstack.providers.lambda_mapping.window import Window


def kept() -> Kept:
    """Return one with everything in it."""
    return Kept(
        5.5,
        "1.0",
        {"a": Position("7", ("8", "9"), Window(60, 120, {"n": 1})), "b": Position()},
        {"c"},
    )


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    """By the next process; the file is the mapping's, and the only one."""
    positions = Positions(tmp_path / "new", lambda: 5.5)
    mapping = positions.of("uuid")
    mapping.stream, mapping.shards, mapping.drained = "1.0", kept().shards, {"c"}
    positions.save("uuid", mapping)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["uuid.json"]
    assert Positions(tmp_path / "new", lambda: 9.9).of("uuid") == kept()


def test_it_is_written_when_it_has_changed(tmp_path: Path) -> None:
    """And not once a second for nothing."""
    positions = Positions(tmp_path, lambda: 0.0)
    mapping = positions.of("uuid")
    positions.save("uuid", mapping)
    first = (tmp_path / "uuid.json").stat().st_ino
    positions.save("uuid", mapping)
    assert (tmp_path / "uuid.json").stat().st_ino == first
    mapping.shards["a"] = Position("1")
    positions.save("uuid", mapping)
    assert Positions(tmp_path, lambda: 0.0).of("uuid").shards == {"a": Position("1")}


def test_a_deleted_mapping_is_forgotten(tmp_path: Path) -> None:
    """Even if its poller, which is still ending, would save it."""
    positions = Positions(tmp_path, lambda: 0.0)
    mapping = positions.of("uuid")
    mapping.shards["a"] = Position("1")
    positions.save("uuid", mapping)
    positions.forget("uuid")
    positions.save("uuid", mapping)
    assert list(tmp_path.iterdir()) == []
    assert positions.of("uuid").shards == {}


def test_a_file_that_is_none_of_ours_begins_anew(tmp_path: Path) -> None:
    """It costs no poller."""
    for number, text in enumerate(["", "[]", "{}", '{"made": 1, "shards": {"a": 3}}']):
        (tmp_path / f"{number}.json").write_text(text)
        assert Positions(tmp_path, lambda: 3.0).of(str(number)) == Kept(3.0)


def test_another_stream_of_that_name_begins_anew() -> None:
    """It has other records under the same shards' names."""
    mapping = kept()
    assert not mapping.belong_to("1.0")
    assert mapping == kept()
    assert mapping.belong_to("2.0")
    assert mapping == Kept(5.5, "2.0")
    assert not Kept(1.0).belong_to("1.0")
