"""`otpgate parse`: what would be found, a JSON object a line, or tables for a person."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.samples import of_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gateway.cli.conftest import Program

MAIL = """From: Example Shop <no-reply@shop.example>
To: user@example.com
Subject: Sign in
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>Your verification code is <b>{code}</b></p><p>Order 55120984, total $19.99</p>
"""
FIELDS = ["id", "file", "kind", "value", "identifier", "identity_source", "confidence", "reason", "candidates"]


def answers(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def mails(tmp_path: "Path") -> "Path":
    folder = tmp_path / "mails"
    (folder / "b").mkdir(parents=True)
    for name, code in (("c.eml", "300300"), ("a.eml", "100100"), ("b/x.EML", "200200")):
        (folder / name).write_text(MAIL.format(code=code), encoding="utf-8")
    (folder / "notes.txt").write_text("Your code is 999999")
    return folder


@pytest.mark.usefixtures("mails")
def test_folders_are_read_in_the_order_of_names_and_files_whatever_they_are_called(otpgate: "Program") -> None:
    ended = otpgate("parse", "mails", "mails/notes.txt", "--rcpt", "otp@gw.example")
    found = answers(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert [one["file"] for one in found] == ["mails/a.eml", "mails/b/x.EML", "mails/c.eml", "mails/notes.txt"]
    assert [one["value"] for one in found[:3]] == ["100100", "200200", "300300"]
    assert list(found[0]) == FIELDS
    assert (found[0]["identifier"], found[0]["identity_source"]) == ("user@example.com", "to")
    best = found[0]["candidates"][0]
    assert best["value"] == "100100"
    assert best["reasons"][0].keys() == {"name", "weight"}


@pytest.mark.usefixtures("mails")
def test_lines_are_answered_in_order_and_a_bad_one_does_not_stop_the_rest(otpgate: "Program") -> None:
    lines = [
        {"id": 1, "from": "ACME", "to": "+1 (555) 123-0000", "text": "314159 is your Acme code"},
        {
            "id": "m",
            "file": "mails/a.eml",
            "rcpt": "otp+user=other.example@gw.example",
            "mail_from": "a@b.example",
        },
        {"id": 3, "file": "mails/none.eml"},
        {"id": 4, "text": ["no text"]},
        {"id": 5},
        {"id": None, "from": "Mum", "to": "", "text": "See you at seven"},
    ]
    stdin = "\n".join([*map(json.dumps, lines), "{", "", "[1]"])
    ended = otpgate("parse", "-", stdin=stdin)
    found = answers(ended.out)
    assert ended.code == 1
    assert [one["id"] for one in found] == [1, "m", 3, 4, 5, None, None, None]
    assert (found[0]["value"], found[0]["identifier"]) == ("314159", "+15551230000")
    assert found[0]["identity_source"] == "webhook"
    assert (found[1]["identifier"], found[1]["identity_source"]) == ("user@other.example", "rcpt-encoded")
    for bad in (*found[2:5], *found[6:]):
        assert set(bad) == {*found[0], "error"}
        assert (bad["kind"], bad["value"], bool(bad["error"])) == ("none", None, True)
    assert (found[5]["kind"], found[5]["value"], found[5]["identifier"]) == ("none", None, None)


def test_the_gateways_own_domain_is_nobodys_mailbox(otpgate: "Program") -> None:
    (otpgate.folder / "own.eml").write_text(
        "From: a@b.example\nTo: codes@gw.example, user@example.com\n\n123456\n"
    )
    without = otpgate("parse", "own.eml", "--rcpt", "otp@gw.example")
    known = otpgate("parse", "own.eml", "--rcpt", "otp@gw.example", "--gateway-domain", "GW.example")
    assert answers(without.out)[0]["identifier"] == "codes@gw.example"
    assert answers(known.out)[0]["identifier"] == "user@example.com"


def test_gmails_confirmation_is_told_from_a_login(otpgate: "Program") -> None:
    link = "https://mail-settings.google.com/mail/vf-%5BANGjdJ_abc%5D-xyz"
    (otpgate.folder / "gmail.eml").write_text(
        "From: Gmail Team <forwarding-noreply@google.com>\nTo: otp@gw.example\n"
        "X-Google-Address-Confirmation: 123456789\n"
        "Subject: (#123456789) Gmail Forwarding Confirmation - Receive Mail from user@gmail.com\n\n"
        f"user@gmail.com has requested to automatically forward mail to your email address.\n{link}\n"
    )
    found = answers(otpgate("parse", "gmail.eml", "--rcpt", "otp@gw.example").out)[0]
    assert (found["kind"], found["value"]) == ("gmail-confirmation", link)


@pytest.mark.usefixtures("mails")
def test_a_person_sees_where_each_candidate_stands_and_why(otpgate: "Program") -> None:
    ended = otpgate("parse", "mails/a.eml", "--rcpt", "otp@gw.example", "--explain")
    assert ended.code == 0
    assert "user@example.com (to: the mail is addressed to it)" in ended.out
    table = ended.out[ended.out.index("for and against") :]
    assert table.index("100100") < table.index("55120984")
    assert "Your verification code is 100100" in table
    assert "+" in table
    assert "-" in table


def test_what_a_mail_holds_cannot_drive_a_terminal(otpgate: "Program") -> None:
    (otpgate.folder / "esc.eml").write_text("Subject: x\n\nYour code is 123456 \x1b]0;owned\x07\x1b[2J\u202e\n")
    ended = otpgate("parse", "esc.eml", "--explain")
    assert "123456" in ended.out
    assert not {"\x1b", "\x07", "\u202e"} & set(ended.out)


def test_nothing_to_read_says_so(otpgate: "Program") -> None:
    (otpgate.folder / "empty").mkdir()
    assert otpgate("parse", "empty").code == 1
    missing = otpgate("parse", "nowhere.eml")
    assert missing.code == 2
    assert "there is no nowhere.eml" in missing.err


@given(st.binary(max_size=200))
def test_any_line_gives_a_message_or_an_error(line: bytes) -> None:
    for sample in of_lines(line.splitlines(), ""):
        assert (sample.message is None) == bool(sample.error)


@given(
    st.dictionaries(
        st.sampled_from(["id", "from", "to", "text", "file", "rcpt", "mail_from"]), st.text() | st.none()
    )
)
def test_any_object_gives_a_message_or_an_error(line: dict[str, str | None]) -> None:
    samples = list(of_lines([json.dumps(line).encode()], ""))
    assert len(samples) == 1
    assert (samples[0].message is None) == bool(samples[0].error)
    assert samples[0].id == line.get("id")
