"""Ids that sort by time, and cursors that nobody can make up by accident."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import InvalidCursorError
from core.ids import cursor_at, cursor_moment, new_id

microseconds_since_1970 = st.integers(0, 8 * 10**15)
moments = microseconds_since_1970.map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


@given(moments)
def test_a_cursor_is_its_moment(moment: datetime) -> None:
    assert cursor_moment(cursor_at(moment)) == moment


@given(moments, moments)
def test_cursors_are_in_the_order_of_their_moments(one: datetime, other: datetime) -> None:
    assert (cursor_moment(cursor_at(one)) < cursor_moment(cursor_at(other))) == (one < other)


@given(st.text())
@example("cur_")
@example("cur_AAAAAAAAAAA=")
@example("cur_//////////8")
@example("cur_AAAAAAAAAAB")
@example("cur_\ud800")
def test_any_other_text_is_refused_as_no_cursor(text: str) -> None:
    try:
        assert cursor_at(cursor_moment(text)) == text
    except InvalidCursorError as error:
        assert "POST /v1/cursors" in str(error)  # noqa: PT017 - either it is one, or it says where to get one


@pytest.mark.parametrize("seconds", [0.001, 1, 10**9])
def test_ids_sort_by_time_and_never_repeat(seconds: float) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    ids = {new_id("code", now) for _ in range(1000)}
    assert len(ids) == 1000
    assert max(ids) < new_id("code", now + timedelta(seconds=seconds))
