"""What only Postmark's webhook must do."""

import json

import pytest

from core.errors import InvalidRequestError
from gateway.providers import HookRefusedError
from tests.gateway.providers.recorded import HERE, Recorded


@pytest.fixture
def case(served: str) -> Recorded:
    return Recorded(HERE / "postmark" / "parsed.json", served)


@pytest.mark.parametrize("record", ["Bounce", "Delivery", "Open"])
def test_an_event_of_sent_mail_is_told_where_it_belongs(case: Recorded, record: str) -> None:
    body = json.dumps({**json.loads(case.request().body), "RecordType": record}).encode()
    with pytest.raises(InvalidRequestError, match="inbound stream"):
        case.hook().receive(case.request(body=body))


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic ", "Bearer b3RwZ2F0ZTp0aGUtZmlyc3QtcGFzc3dvcmQ=", "Basic !!!", "Digest a=b"]
)
def test_any_other_authorization_is_refused(case: Recorded, header: str) -> None:
    with pytest.raises(HookRefusedError):
        case.hook().receive(case.request(signature=header))


def test_a_mail_with_html_alone_is_read_too(case: Recorded) -> None:
    told = json.loads(case.request().body)
    del told["TextBody"]
    (mail,) = case.hook().receive(case.request(body=json.dumps(told).encode())).messages
    assert b"text/html" in getattr(mail, "raw")  # noqa: B009
    del told["HtmlBody"]
    with pytest.raises(InvalidRequestError, match="TextBody or HtmlBody"):
        case.hook().receive(case.request(body=json.dumps(told).encode()))
