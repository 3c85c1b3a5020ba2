"""A request's body, as whatever it may be read as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequestError
from gateway.webhooks.request import HookRequest

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=xYz"


def request(body: bytes, content_type: str = FORM) -> HookRequest:
    return HookRequest(url="", headers={"content-type": content_type}, body=body)


@given(body=st.binary(max_size=300), content_type=st.sampled_from([FORM, PARTS, "application/json", "", "é"]))
def test_whatever_comes_is_read_or_refused(body: bytes, content_type: str) -> None:
    for read in ("form", "values", "parts", "json", "json_object"):
        try:
            getattr(request(body, content_type), read)()
        except InvalidRequestError:
            continue


def test_values_keep_the_bytes_as_they_were_sent() -> None:
    assert request(b"a=%FF%00+x&b=&a=2&c").values() == {"a": b"\xff\0 x", "b": b"", "c": b""}
    body = b'--xYz\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--xYz--\r\n'
    assert request(body, PARTS).values() == {"a": b"\xff"}


def test_of_a_name_that_is_there_twice_the_first_counts() -> None:
    part = b'--xYz\r\nContent-Disposition: form-data; name="a"\r\n\r\n%d\r\n'
    assert request(part % 1 + part % 2 + b"--xYz--\r\n", PARTS).values() == {"a": b"1"}
    assert request(b"a=1&a=2").values() == {"a": b"1"}


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary="]
)
def test_parts_need_a_boundary(content_type: str) -> None:
    with pytest.raises(InvalidRequestError, match="boundary"):
        request(b"--xYz--", content_type).parts()


def test_more_fields_than_any_sender_has_are_refused() -> None:
    with pytest.raises(InvalidRequestError):
        request(b"&".join(b"a%d=1" % n for n in range(1000))).values()
