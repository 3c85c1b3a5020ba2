"""What the extraction tests share: messages made of a text, and what was found in them."""

from collections.abc import Callable

import pytest

from core.extract import extract
from core.extract.result import Extracted
from core.message import Channel, Content, Link

Find = Callable[..., Extracted]


@pytest.fixture
def find_in_sms() -> Find:
    def find(text: str, sender: str = "") -> Extracted:
        return extract(Content(channel=Channel.SMS, sender=sender, text=text))

    return find


@pytest.fixture
def find_in_mail() -> Find:
    def find(text: str, *labelled: tuple[str, str], subject: str = "", alternative: str = "") -> Extracted:
        links = tuple(
            Link(label=label, href=href, start=text.index(label), end=text.index(label) + len(label))
            for label, href in labelled
        )
        return extract(
            Content(
                channel=Channel.EMAIL,
                sender="no-reply@lumen.example",
                subject=subject,
                text=text,
                links=links,
                alternative=alternative,
            )
        )

    return find
