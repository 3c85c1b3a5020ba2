"""A provider that asks whether it may forward here is told apart from a site that wants an address confirmed."""

import pytest

from core.forwards import Confirmation, confirmation
from core.markup import render
from core.mime import read


def asked(text: str, *, html: str = "", **headers: str) -> Confirmation | None:
    fields = {"From": "x@y.example", "To": "otp@gw.example", "Subject": "Hello"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    kind = "html" if html else "plain"
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    raw = f"{head}Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{html or text}\n"
    mail = read(raw.replace("\n", "\r\n").encode())
    return confirmation(mail, render(mail.html) if mail.html else None)


VF = "https://mail-settings.google.com/mail/vf-%5BANGjdJ8abc%5D-3F_x"
UF = "https://mail-settings.google.com/mail/uf-%5BANGjdJ8abc%5D-3F_x"
GMAIL = {"From": "Gmail Team <forwarding-noreply@google.com>", "X_Google_Address_Confirmation": "482913"}
TEXT = (
    f"alice@gmail.com has asked to forward mail to otp@gw.example.\n\nTo allow it:\n{VF}\n\nTo cancel it:\n{UF}\n"
)


def test_gmails_request_is_known_by_sender_and_header() -> None:
    found = asked(TEXT, Subject="Gmail Forwarding Confirmation - Receive Mail from alice@gmail.com", **GMAIL)
    assert found == Confirmation(kind="gmail-confirmation", link=VF, identifier="alice@gmail.com")


def test_an_older_request_has_a_number_as_well() -> None:
    found = asked(f"Bestätigungscode: 619274538\n{TEXT}", Subject="(#619274538) Bestätigung", **GMAIL)
    assert found is not None
    assert (found.number, found.link) == ("619274538", VF)


def test_in_any_language_and_in_html() -> None:
    said = "alice@gmail.com が otp@gw.example への転送をリクエストしました"
    html = f'<p>{said}</p><a href="{UF}">キャンセル</a><a href="{VF}">確認</a>'
    found = asked("", html=html, Subject="転送の確認", **GMAIL)
    assert found is not None
    assert (found.link, found.identifier) == (VF, "alice@gmail.com")


@pytest.mark.parametrize("host", ["mail.google.com", "isolated.mail.google.com", "mail-settings.google.com"])
def test_its_link_is_at_whichever_host_gmail_uses(host: str) -> None:
    link = f"https://{host}/mail/vf-ab60dcb83a-alice%40gmail.com-6QUCffRlVn2a"
    found = asked(TEXT.replace(VF, link), **GMAIL)
    assert found is not None
    assert found.link == link
    for other in (link.replace("google.com", "google.com.evil.example"), link.replace("://", "://evil.")):
        refused = asked(TEXT.replace(VF, other), **GMAIL)
        assert refused is not None
        assert refused.link == ""


def test_the_cancelling_link_is_never_shown() -> None:
    found = asked(TEXT.replace(VF, ""), **GMAIL)
    assert found is not None
    assert found.link == ""


def test_sender_without_header_and_header_without_sender_are_not_gmail() -> None:
    assert asked(TEXT, From=GMAIL["From"]) is None
    assert asked(TEXT, X_Google_Address_Confirmation="1") is None


def test_neither_link_nor_number_is_in_the_repr() -> None:
    found = asked(f"619274538 {TEXT}", **GMAIL)
    assert "vf-" not in repr(found)
    assert "619274538" not in repr(found)


@pytest.mark.parametrize(
    ("sender", "subject", "text", "link"),
    [
        (
            "Cloudflare <noreply@notify.cloudflare.com>",
            "[Cloudflare]: Verify your Email Routing address",
            "Verify otp@gw.example:\nhttps://dash.cloudflare.com/email_fwdr/verify?token=eyJhbGc",
            "https://dash.cloudflare.com/email_fwdr/verify?token=eyJhbGc",
        ),
        (
            "SimpleLogin <noreply@simplelogin.io>",
            "Please confirm your mailbox otp@gw.example",
            "You have added otp@gw.example as mailbox.\nhttps://app.simplelogin.io/dashboard/mailbox_verify?mailbox_id=7&code=abc",
            "https://app.simplelogin.io/dashboard/mailbox_verify?mailbox_id=7&code=abc",
        ),
        (
            "addy.io <mailer@addy.io>",
            "Verify Email Address",
            "Click to verify.\nhttps://app.addy.io/recipients/email/verify/0b1c?expires=1&signature=2",
            "https://app.addy.io/recipients/email/verify/0b1c?expires=1&signature=2",
        ),
        (
            "Proton <no-reply@notify.proton.me>",
            "alice@proton.me wants to forward emails to you",
            "No: https://account.proton.me/mail/forwarding/decline?token=abc\nhttps://account.proton.me/mail/forwarding/confirm#abc",
            "https://account.proton.me/mail/forwarding/confirm#abc",
        ),
        (
            "Fastmail <support@fastmail.com>",
            "Confirm forwarding from alice@fastmail.com",
            "alice@fastmail.com: https://app.fastmail.com/verify?token=abc",
            "https://app.fastmail.com/verify?token=abc",
        ),
        (
            "Provider <noreply@provider.example>",
            "Action required",
            "alice@provider.example möchte Mails an otp@gw.example weiterleiten: https://provider.example/confirm?t=abc",
            "https://provider.example/confirm?t=abc",
        ),
        (
            "Post <noreply@mail.provider.example>",
            "Bestätigen Sie die Mail-Weiterleitung",
            "alice@provider.example möchte an otp@gw.example weiterleiten: https://provider.example/w/confirm?t=abc",
            "https://provider.example/w/confirm?t=abc",
        ),
    ],
)
def test_other_providers_are_known_by_structure(sender: str, subject: str, text: str, link: str) -> None:
    found = asked(text, From=sender, Subject=subject)
    assert found is not None
    assert (found.kind, found.link) == ("forwarding-confirmation", link)


def test_zoho_sends_a_number() -> None:
    found = asked(
        "Your verification code is 48291376", From="noreply@zohomail.com", Subject="Email forwarding: confirm"
    )
    assert found is not None
    assert (found.number, found.link) == ("48291376", "")


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        ("no-reply@harbour.example", "Confirm your email", "https://harbour.example/confirm?token=abc"),
        (
            "no-reply@harbour.example",
            "Confirm your email",
            "Do not forward this. https://harbour.example/verify?token=abc",
        ),
        (
            "no-reply@harbour.example",
            "Confirm your transfer",
            "To bob@example.com: https://harbour.example/confirm?token=abc",
        ),
        (
            "noreply@notify.cloudflare.com",
            "Verify your email",
            "https://dash.cloudflare.com/email-verification?token=abc",
        ),
        (
            "no-reply@harbour.example",
            "Sign in",
            "Sent to otp@gw.example. Forwarded by mistake? privacy@quay.example https://harbour.example/verify?token=abc",
        ),
        (
            "account-security-noreply@microsoft.com",
            "Verify your email",
            "https://account.microsoft.com/verify?token=abc&redirect_uri=https://x.example/forward",
        ),
        ("noreply@godaddy.com", "Transfer your domain: code inside", "Your code is 48291376"),
        ("no-reply@yahoo.com", "Te reenviamos el código", "Tu código: 48291376"),
        ("no-reply@yahoo.com", "Your sign-in code", "Your code is 482913"),
        ("bob@example.com", "Fwd: forward mail", "alice@x.example otp@gw.example https://example.com/confirm?x=1"),
        (
            "x@evil.example",
            "Forward your mail",
            "alice@x.example to otp@gw.example: https://mail.google.com/confirm?x=1",
        ),
    ],
)
def test_a_sites_own_mail_is_not_taken_for_one(sender: str, subject: str, text: str) -> None:
    assert asked(text, From=sender, Subject=subject) is None
