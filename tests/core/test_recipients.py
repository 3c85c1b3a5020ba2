"""Whose message it is: CONTRACT's order, where a lower rank never beats a higher one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.forwards import unwrap
from core.markup import render
from core.mime import read
from core.recipients import STAMPS, Recipient, resolve

TOKEN = "7h3k9m2q5r8t1v4x"
ALICE = "alice@example.com"


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A registry of a few identifiers, as the store keeps them."""

    owners: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)

    def by_secret_address(self, local_part: str) -> str | None:
        return self.tokens.get(local_part)

    def owner(self, identifier: str) -> str | None:
        return self.owners.get(identifier)


NOBODY = Registered()


def whose(
    raw: str, rcpt: str = "otp@gw.example", *, registry: Registered = NOBODY, mail_from: str = "", orcpt: str = ""
) -> Recipient:
    mail = read(raw.replace("\n", "\r\n").encode())
    page = render(mail.html) if mail.html else None
    return resolve(
        rcpt,
        mail,
        unwrap(mail, page),
        registry=registry,
        mail_from=mail_from,
        orcpt=orcpt,
        gateway_domains=("gw.example",),
    )


def otp(*, body: str = "Your code is 482913.", **headers: str) -> str:
    fields = {"From": "Harbour <no-reply@harbour.example>", "To": "otp@gw.example", "Subject": "Your code"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join(f"{name}: {value}\n" for name, value in fields.items()) + f"\n{body}\n"


FORWARDED = "---------- Forwarded message ---------\nFrom: Harbour <x@harbour.example>\nDate: now\nSubject: Your code\nTo: <frank@example.com>\n\nYour code is 482913."  # noqa: E501 - as Gmail writes it


def test_gmail_says_it_in_the_envelope_too() -> None:
    found = whose(otp(), mail_from="alice+caf_=otp=gw.example@example.com")
    assert (found.identifier, found.source) == (ALICE, "header:return-path")


def test_a_secret_address_beats_everything() -> None:
    registry = Registered(tokens={TOKEN: ALICE}, owners={f"{TOKEN}@gw.example": "bob@example.com"})
    raw = otp(To="carol@example.com", X_Forwarded_For="dave@example.com", body=FORWARDED)
    found = whose(raw, f"{TOKEN.upper()}+tag@gw.example", registry=registry)
    assert (found.identifier, found.source) == (ALICE, "rcpt-token")


def test_a_secret_address_counts_in_the_original_recipient_as_well() -> None:
    found = whose(otp(), registry=Registered(tokens={TOKEN: ALICE}), orcpt=f"rfc822;{TOKEN}@gw.example")
    assert (found.identifier, found.source) == (ALICE, "rcpt-token")


@pytest.mark.parametrize(
    ("rcpt", "identifier"),
    [
        ("otp+alice=example.com@gw.example", ALICE),
        ("anything+Alice=Example.Com@gw.example", ALICE),
        ("otp+alice+site=example.com@gw.example", "alice+site@example.com"),
        ("otp+alice=b\u00fccher.example@gw.example", "alice@xn--bcher-kva.example"),
        ("<otp+alice=example.com@gw.example>", ALICE),
    ],
)
def test_an_address_may_name_the_identifier(rcpt: str, identifier: str) -> None:
    found = whose(otp(To="carol@example.com", X_Original_To="dave@example.com"), rcpt)
    assert (found.identifier, found.source) == (identifier, "rcpt-encoded")


@pytest.mark.parametrize(
    "rcpt", ["otp+stride@gw.example", "a=b.c@gw.example", "otp+=b.c@gw.example", "otp+a=b@gw.example"]
)
def test_any_other_tag_names_nobody(rcpt: str) -> None:
    assert whose(otp(To=rcpt), rcpt).source == "rcpt"


def test_a_registered_recipient_beats_stamps_and_to() -> None:
    registry = Registered(owners={"otp@gw.example": ALICE})
    found = whose(otp(To="carol@example.com", X_Original_To="dave@example.com"), registry=registry)
    assert (found.identifier, found.source) == (ALICE, "rcpt")


def test_a_stamp_beats_to() -> None:
    found = whose(otp(To="carol@example.com", X_Original_To="dave@example.com"))
    assert (found.identifier, found.source) == ("dave@example.com", "header:x-original-to")


def test_to_beats_the_forwarded_block() -> None:
    found = whose(otp(To="Carol <Carol@Example.com>, dan@example.com", Subject="Fwd: Your code", body=FORWARDED))
    assert (found.identifier, found.source) == ("carol@example.com", "to")


def test_a_copy_counts_when_to_is_the_gateway() -> None:
    assert whose(otp(Cc="carol@example.com")).identifier == "carol@example.com"


def test_the_block_beats_the_recipient() -> None:
    found = whose(otp(Subject="Fwd: Your code", body=FORWARDED))
    assert (found.identifier, found.source) == ("frank@example.com", "forwarded-block")


def test_a_block_without_to_was_sent_to_whoever_forwards_it() -> None:
    body = FORWARDED.replace("To: <frank@example.com>\n", "")
    found = whose(otp(From="Grace <grace@example.com>", Subject="Fwd: Your code", body=body))
    assert (found.identifier, found.source) == ("grace@example.com", "header:from")


def test_last_the_recipient_itself() -> None:
    found = whose(otp())
    assert (found.identifier, found.source) == ("otp@gw.example", "rcpt")


def test_no_stamp_with_an_address_of_the_gateway_counts_as_the_mailbox() -> None:
    raw = otp(To="otp@GW.example", Delivered_To="other@gw.example", X_Forwarded_To="otp@gw.example")
    assert whose(raw).source == "rcpt"


def test_somebody_may_live_at_the_gateways_own_domain() -> None:
    found = whose(otp(To="otp@GW.example, Bo <bo@gw.example>"))
    assert (found.identifier, found.source) == ("bo@gw.example", "to")


@pytest.mark.parametrize(
    ("raw", "identifier"),
    [
        (otp(To="bo@gw.example, carol@example.com"), "carol@example.com"),
        (otp(To="bo@gw.example", Cc="carol@example.com"), "carol@example.com"),
        (otp(To="bo@gw.example", X_Original_To="dave@example.com"), "dave@example.com"),
        (otp(To="bo@gw.example", Subject="Fwd: Your code", body=FORWARDED), "frank@example.com"),
    ],
    ids=["beside it", "copied", "stamped", "in the block"],
)
def test_a_mailbox_elsewhere_beats_one_of_the_gateways_own_domain(raw: str, identifier: str) -> None:
    assert whose(raw).identifier == identifier


def test_a_secret_address_in_to_is_not_shown_as_an_identifier() -> None:
    assert whose(otp(To=f"{TOKEN}+site@gw.example")).identifier == "otp@gw.example"


def test_without_named_domains_only_the_recipient_is_the_gateways_own() -> None:
    mail = read(otp(To="Otp@Gw.Example").encode())
    assert resolve("otp@gw.example", mail, None, registry=NOBODY).source == "rcpt"


def test_in_a_chain_of_forwards_the_first_mailbox_wins() -> None:
    raw = "Delivered-To: second@example.com\nDelivered-To: first@example.com\n" + otp(
        To="undisclosed-recipients:;"
    )
    assert whose(raw).identifier == "first@example.com"


def test_of_several_stamps_the_one_that_to_confirms_wins() -> None:
    raw = "X-Forwarded-For: second@example.com otp@gw.example\nX-Original-To: first@example.com\n"
    assert whose(raw + otp(To="first@example.com")).identifier == "first@example.com"


def test_of_several_stamps_a_registered_one_wins() -> None:
    raw = "X-Forwarded-For: second@example.com\nX-Original-To: first@example.com\n" + otp(To="second@example.com")
    registry = Registered(owners={"first@example.com": "first@example.com"})
    assert whose(raw, registry=registry).identifier == "first@example.com"


@pytest.mark.parametrize("raw", [otp(To="login@example.com"), otp(X_Original_To="login@example.com")])
def test_an_alias_leads_to_its_owner(raw: str) -> None:
    assert (
        whose(raw, registry=Registered(owners={"login@example.com": "+15551230000"})).identifier == "+15551230000"
    )


def test_an_address_in_another_script_is_an_identifier() -> None:
    assert (
        whose(otp(To="\u03b1\u03bb\u03af\u03ba\u03b7@b\u00fccher.example")).identifier
        == "\u03b1\u03bb\u03af\u03ba\u03b7@xn--bcher-kva.example"
    )


def test_the_original_recipient_of_the_envelope_is_a_stamp() -> None:
    found = whose(otp(To="undisclosed-recipients:;"), orcpt="alice+2Bsite@example.com")
    assert (found.identifier, found.source) == ("alice+site@example.com", "header:original-recipient")


def test_a_hundred_made_up_stamps_cost_nothing() -> None:
    raw = "".join(f"Delivered-To: user{n}@example.com\n" for n in range(2000)) + otp()
    asked: list[str] = []

    class Counting(Registered):
        def owner(self, identifier: str) -> str | None:
            asked.append(identifier)
            return None

    whose(raw, registry=Counting())
    assert len(asked) < 100


names = st.sampled_from([*STAMPS, "to", "cc", "from", "received", "return-path", "subject"])


@given(st.lists(st.tuples(names, st.text(max_size=80)), max_size=12), st.text(max_size=60), st.text(max_size=60))
def test_any_headers_and_any_envelope_have_a_recipient(
    headers: list[tuple[str, str]], rcpt: str, sender: str
) -> None:
    raw = "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\nYour code is 482913.\r\n"
    mail = read(raw.encode("utf-8", "surrogatepass"))
    found = resolve(rcpt, mail, unwrap(mail, None), registry=NOBODY, mail_from=sender, orcpt=rcpt)
    assert isinstance(found.identifier, str)
    assert found.source
