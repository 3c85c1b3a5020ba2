"""What the shape of a whole message tells where its words tell little."""

import pytest

from core.extract import extract
from core.extract.context import Scene
from core.extract.result import Kind
from core.extract.shape import marks
from core.extract.spoken import NOTHING
from core.message import Channel, Content, Link
from core.reading import read
from tests.accuracy.cases import mail as raw_mail

RECEIPT = """Kettle, 1.8 L 64.00 EUR
Filters 9.50 EUR
Total 73.50 EUR, 14/11/2026 19:42
View order
Quay Road 4, 54000 Portville. Phone 0194 755 0231"""
LABEL = RECEIPT.index("View order")


def mail(text: str, links: tuple[Link, ...] = (), subject: str = "") -> Content:
    return Content(channel=Channel.EMAIL, subject=subject, text=text, links=links)


def test_a_receipt_is_seen_by_its_amounts() -> None:
    found = marks(Scene(RECEIPT), mail(RECEIPT), NOTHING)
    assert {"an amount", "several amounts"} <= found


def test_the_link_to_an_order_signs_nobody_in() -> None:
    link = Link(label="View order", href="https://shop.example/orders/774120", start=LABEL, end=LABEL + 10)
    assert extract(mail(RECEIPT, (link,))).kind is Kind.NONE


def test_a_postal_code_at_the_foot_of_a_mail_is_no_code() -> None:
    text = "Hello Ann,\nyou can sign in again from today.\nThank you.\n\nElm Shop, 12 Mill Lane, 54000 Portville"
    assert extract(mail(text, subject="Sign in again")).kind is Kind.NONE


@pytest.mark.parametrize(
    "text",
    [
        "Show code 771904 at the till for a free cup of tea, until Sunday.",
        "Zeigen Sie den Code 771904 an der Kasse vor.",
    ],
)
def test_a_code_to_show_at_a_counter_is_none(text: str) -> None:
    assert extract(Content(channel=Channel.SMS, text=text)).kind is Kind.NONE


def test_a_shortened_address_in_a_label_is_no_link_of_its_own() -> None:
    label = "https://id.example/verify?t=Zk3…"
    text = f"Verify your address: {label}"
    link = Link(label=label, href="https://id.example/verify?t=Zk31hTq0vW8s", start=21, end=len(text))
    found = extract(mail(text, (link,)))
    assert [candidate.value for candidate in found.candidates if candidate.kind is Kind.LINK] == [link.href]


LISTED = b"From: Bo <bo@lumen.example>\r\n%s\r\n\r\nHello all"


@pytest.mark.parametrize(
    ("header", "listed"),
    [
        (b"List-Post: <mailto:choir@lists.example>", True),
        (b"Precedence: list", True),
        (b"List-Post: NO", False),
        (b"Precedence: bulk", False),
    ],
)
def test_a_mail_that_came_over_a_list_is_known_by_its_headers(header: bytes, *, listed: bool) -> None:
    content = read(raw_mail(LISTED % header), threshold=0.5).content
    assert ("over a list" in marks(Scene(content.text), content, NOTHING)) is listed
