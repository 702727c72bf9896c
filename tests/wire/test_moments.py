from hypothesis import given
from hypothesis import strategies as st

from wassop.wire.moments import to_ms

moments = st.floats(0, 4e9) | st.integers(0, 4_000_000_000_000).map(lambda ms: ms / 1_000)


@given(moments)
def test_a_moment_is_written_with_at_most_three_places_and_off_by_half_a_millisecond(at: float) -> None:
    written = to_ms(at)
    assert written == round(written, 3)
    assert abs(written - at) <= 0.0005 + 1e-6


@given(st.integers(0, 4_000_000_000_000))
def test_whole_milliseconds_stay_what_they_are(ms: int) -> None:
    assert to_ms(ms / 1_000) == ms / 1_000
