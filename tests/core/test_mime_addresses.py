"""Address headers: the right mailbox, or none; never somebody else's."""

import pytest

from core.mime import Mailbox, mailboxes, read


def _addresses(value: str) -> list[str]:
    return [mailbox.address for mailbox in mailboxes(value)]


READ = {
    "user@example.com": [("", "user@example.com")],
    "<user@example.com>": [("", "user@example.com")],
    "Ann Example <ann@example.com>": [("Ann Example", "ann@example.com")],
    '"Example, Ann" <ann@example.com>': [("Example, Ann", "ann@example.com")],
    '"Ann \\"A\\" E" <ann@example.com>': [('Ann "A" E', "ann@example.com")],
    "Dr. Ann (home) E. <ann@example.com>": [("Dr. Ann E.", "ann@example.com")],
    "ann@example.com (Ann (the first) Example)": [("Ann the first Example", "ann@example.com")],
    "a@b.example, c@d.example": [("", "a@b.example"), ("", "c@d.example")],
    "a@b.example; c@d.example;": [("", "a@b.example"), ("", "c@d.example")],
    "Friends: a@b.example, C <c@d.example>;": [("", "a@b.example"), ("C", "c@d.example")],
    "undisclosed-recipients:;": [],
    "": [],
    "<>": [],
    '"john doe"@example.com': [("", '"john doe"@example.com')],
    "用户@例子.example": [("", "用户@例子.example")],
    "ann@हिन्दी.example": [("", "ann@हिन्दी.example")],
    "ann@[192.0.2.1]": [("", "ann@[192.0.2.1]")],
    "ann@example.com <ann@example.com>": [("ann@example.com", "ann@example.com")],
    "user+caf_=dest=gw.example@gmail.com": [("", "user+caf_=dest=gw.example@gmail.com")],
    "Ann\t <ann@example.com> ": [("Ann", "ann@example.com")],
}


@pytest.mark.parametrize("value", READ)
def test_mailboxes_are_read(value: str) -> None:
    assert mailboxes(value) == tuple(Mailbox(name=name, address=address) for name, address in READ[value])


TRAPS = {
    "a bank in the display name": ('"no-reply@bank.example" <evil@e.example>', ["evil@e.example"]),
    "a bank in a bare display name": ("no-reply@bank.example <evil@e.example>", ["evil@e.example"]),
    "a bank in brackets, another behind": ("<no-reply@bank.example>evil@e.example", []),
    "two pairs of brackets": ("<no-reply@bank.example> <evil@e.example>", []),
    "brackets in brackets": ("<<no-reply@bank.example>evil@e.example>", []),
    "an unclosed bracket": ("<no-reply@bank.example", []),
    "a closing bracket first": ("no-reply@bank.example> <evil@e.example>", []),
    "a bank in a comment": ("(no-reply@bank.example) evil@e.example", ["evil@e.example"]),
    "an unclosed comment": ("no-reply@bank.example (<evil@e.example>", []),
    "a quote inside a comment": ('evil@e.example (") <no-reply@bank.example> (")', []),
    "a comment inside the address": ("no-reply@bank(.)example.e.example", []),
    "a comment inside brackets": ("<no-reply@bank.example(x)>", []),
    "an unclosed quote": ('no-reply@bank.example" <evil@e.example>', []),
    "a bank as a group's name": ("no-reply@bank.example: evil@e.example;", []),
    "two at signs": ("no-reply@bank.example@e.example", []),
    "a source route": ("<@bank.example:evil@e.example>", []),
    "NUL": ("no-reply@bank.example\0@e.example", []),
    "a line end": ("no-reply@bank.example\n<evil@e.example>", []),
    "blanks in the address": ("no-reply@bank .example", []),
    "an invisible character": ("no-reply@bank\u200b.example", []),
    "a backslash": ("no-reply@bank.example\\@e.example", []),
    "a quoted local part": ('"no-reply@bank.example"@e.example', ['"no-reply@bank.example"@e.example']),
    "a name and no address": ("Bank", []),
    "two dots": ("a@b..example", []),
    "no domain": ("a@", []),
}


@pytest.mark.parametrize("name", TRAPS)
def test_an_address_is_never_mistaken(name: str) -> None:
    value, expected = TRAPS[name]
    assert _addresses(value) == expected


def test_two_mailboxes_are_two() -> None:
    assert _addresses("no-reply@bank.example, evil@e.example") == ["no-reply@bank.example", "evil@e.example"]


FORGED = [
    "=?utf-8?q?no-reply=40bank.example=2C?= <evil@e.example>",
    "=?utf-8?q?no-reply=40bank.example_=28?= <evil@e.example>",
    "=?utf-8?q?no-reply=40bank.example_=22?= <evil@e.example>",
    "=?utf-8?q?=3Cno-reply=40bank.example=3E?= <evil@e.example>",
    '"=?utf-8?q?a=22_=3Cno-reply=40bank.example=3E=2C?=" <evil@e.example>',
]


@pytest.mark.parametrize("value", FORGED)
def test_an_encoded_word_cannot_pass_for_an_address(value: str) -> None:
    sender = read(f"From: {value}\r\n\r\n".encode()).headers.first("from")
    assert _addresses(sender) == ["evil@e.example"]


def test_an_encoded_name_is_shown_as_it_was_meant() -> None:
    sender = read(b"From: =?utf-8?q?M=C3=BCller=2C_Ann?= <ann@example.com>\r\n\r\n").headers.first("from")
    assert mailboxes(sender) == (Mailbox(name="Müller, Ann", address="ann@example.com"),)
    quoted = read(b'From: "=?utf-8?q?M=C3=BCller_=22A=22?=" <ann@example.com>\r\n\r\n').headers.first("from")
    assert mailboxes(quoted) == (Mailbox(name='Müller "A"', address="ann@example.com"),)


def test_at_most_100_are_read() -> None:
    assert len(mailboxes("a@b.example, " * 20_000)) == 100
