"""How much is asked of every peer: the sizes of one run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run; levels are records retained in the stream.

    Attributes:
        rounds: Slices of each peer, in turn.
        near: The lower level of `small`.
        near_slice: Records put from a little below `near` to a little above.
        far: The upper level of `small`.
        far_slice: Records put in a slice there.
        fill_seconds: Longest filling of one stream; what was reached then is said.
        large_bytes: Data of `large` for a peer, in all.
        large_requests: Requests of a slice of `large`.
        large_seconds: A peer that has taken this long in `large` is not asked again.
        get: Records of the stream that `get` reads.
        flat_low: The lower level of `flat`.
        flat_high: The upper level of `flat`.
        flat_slice: Records put, and records read, in a slice of `flat`.
        flat_slices: Slices of `flat` at each level.
        memory: Records that `memory` fills in.
    """

    rounds: int = 5
    near: int = 10_000
    near_slice: int = 3_000
    far: int = 100_000
    far_slice: int = 5_000
    fill_seconds: float = 60.0
    large_bytes: int = 100_000_000
    large_requests: int = 10
    large_seconds: float = 20.0
    get: int = 10_000
    flat_low: int = 10_000
    flat_high: int = 1_000_000
    flat_slice: int = 20_000
    flat_slices: int = 5
    memory: int = 2_000_000

    @property
    def near_start(self) -> int:
        """Where the slice around `near` starts."""
        return self.near - self.near_slice // 3


FULL = Plan()
QUICK = Plan(
    rounds=2,
    near=4_000,
    far=20_000,
    far_slice=2_000,
    fill_seconds=8.0,
    large_bytes=10_000_000,
    large_requests=4,
    large_seconds=4.0,
    get=4_000,
    flat_high=100_000,
    flat_slice=5_000,
    flat_slices=3,
    memory=100_000,
)
"""For development: its figures mean nothing."""
