"""The text and HTML that a mail shows, whatever parts it is made of."""

import base64

import pytest

from core.mime import read


def _mail(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nYour code is 482913."
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>Your code is <b>482913</b>.</p>"
_PLAIN_TEXT = "Your code is 482913."
_HTML_TEXT = "<p>Your code is <b>482913</b>.</p>"


def _multipart(kind: str, *parts: str, boundary: str = "b1", end: str = "--") -> str:
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{body}--{boundary}{end}\n'


def _footer(text: str = "-- \nA list") -> str:
    return f"Content-Type: text/plain\n\n{text}"


def _attachment(content_type: str, body: str = "x 999999") -> str:
    return f"Content-Type: {content_type}\nContent-Disposition: attachment; filename=a.txt\n\n{body}"


SHOWN = {
    "plain text": (PLAIN, _PLAIN_TEXT, ""),
    "HTML": (HTML, "", _HTML_TEXT),
    "no content type": ("Subject: x\n\nYour code", "Your code", ""),
    "a content type that is none": ("Content-Type: text\n\nYour code", "Your code", ""),
    "alternatives": (_multipart("alternative", PLAIN, HTML), _PLAIN_TEXT, _HTML_TEXT),
    "alternatives in the wrong order": (_multipart("alternative", HTML, PLAIN), _PLAIN_TEXT, _HTML_TEXT),
    "alternatives with an invitation": (
        _multipart("alternative", PLAIN, HTML, "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"),
        _PLAIN_TEXT,
        _HTML_TEXT,
    ),
    "alternatives, one with pictures": (
        _multipart(
            "alternative", PLAIN, _multipart("related", HTML, "Content-Type: image/png\n\n\x01", boundary="b2")
        ),
        _PLAIN_TEXT,
        _HTML_TEXT,
    ),
    "alternatives and a file": (
        _multipart("mixed", _multipart("alternative", PLAIN, HTML, boundary="b2"), _attachment("application/pdf")),
        _PLAIN_TEXT,
        _HTML_TEXT,
    ),
    "a signed mail": (
        _multipart("signed", PLAIN, "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nMII"),
        _PLAIN_TEXT,
        "",
    ),
    "a PGP-signed mail": (
        _multipart("signed", PLAIN, "Content-Type: application/pgp-signature\n\n-----BEGIN"),
        _PLAIN_TEXT,
        "",
    ),
    "a mailing list's footer": (_multipart("mixed", PLAIN, _footer()), f"{_PLAIN_TEXT}\n-- \nA list", ""),
    "a text file": (_multipart("mixed", PLAIN, _attachment("text/plain")), _PLAIN_TEXT, ""),
    "a web page as a file": (_multipart("mixed", PLAIN, _attachment("text/html")), _PLAIN_TEXT, ""),
    "an inline text": (
        _multipart("mixed", PLAIN, "Content-Type: text/plain\nContent-Disposition: inline; filename=b.txt\n\nBye"),
        f"{_PLAIN_TEXT}\nBye",
        "",
    ),
    "files without a disposition": (
        _multipart(
            "mixed", PLAIN, "Content-Type: application/octet-stream\n\nx", "Content-Type: application/ms-tnef\n\nx"
        ),
        _PLAIN_TEXT,
        "",
    ),
    "a part without headers": (_multipart("mixed", f"\n{_PLAIN_TEXT}"), _PLAIN_TEXT, ""),
    "no last delimiter": (_multipart("mixed", PLAIN, _footer("Bye"), end=""), f"{_PLAIN_TEXT}\nBye", ""),
    "text before and behind the parts": (
        _multipart("mixed", PLAIN).replace("\n\n--b1", "\n\nThis is MIME.\n--b1") + "111111",
        _PLAIN_TEXT,
        "",
    ),
    "a boundary that begins like another": (
        _multipart("mixed", _multipart("alternative", PLAIN, HTML, boundary="b11"), _footer("Bye"), boundary="b1"),
        f"{_PLAIN_TEXT}\nBye",
        f"{_HTML_TEXT}\n<pre>Bye</pre>",
    ),
    "the same boundary inside": (_multipart("mixed", _multipart("mixed", PLAIN)), _PLAIN_TEXT, ""),
    "the wrong boundary": (
        _multipart("alternative", PLAIN, HTML).replace('boundary="b1"', 'boundary="b"'),
        _PLAIN_TEXT,
        _HTML_TEXT,
    ),
    "no boundary": (
        _multipart("alternative", PLAIN, HTML).replace('; boundary="b1"', ""),
        _PLAIN_TEXT,
        _HTML_TEXT,
    ),
    "no delimiter at all": ("Content-Type: multipart/mixed; boundary=b1\n\nYour code", "Your code", ""),
    "HTML called plain": (
        f"Content-Type: text/plain\n\n<!DOCTYPE html>\n<html>{_HTML_TEXT}</html>",
        "",
        f"<!DOCTYPE html>\n<html>{_HTML_TEXT}</html>",
    ),
    "plain text that speaks of HTML": ("\nUse <p> & </p>.", "Use <p> & </p>.", ""),
    "XHTML": ("Content-Type: application/xhtml+xml\n\n<p>x</p>", "", "<p>x</p>"),
    "a delivery report": (
        _multipart(
            "report",
            _footer("Not delivered"),
            "Content-Type: message/delivery-status\n\nAction: failed",
            "Content-Type: text/rfc822-headers\n\nSubject: x",
        ),
        "Not delivered",
        "",
    ),
    "no such transfer encoding": ("Content-Type: text/plain\nContent-Transfer-Encoding: x\n\n=41", "=41", ""),
}


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_mail_shows_its_text(name: str, end: str) -> None:
    raw, text, html = SHOWN[name]
    mail = read(raw.replace("\n", end).encode())
    assert (mail.text.strip(), mail.html.strip()) == (text, html)


def test_text_beside_html_is_seen_in_the_html_too() -> None:
    mail = read(_mail(_multipart("mixed", _footer("Code <482913>"), "Content-Type: text/html\n\n<br>")))
    assert mail.text == "Code <482913>"
    assert mail.html == "<pre>Code &lt;482913&gt;</pre>\n<br>"


FORWARDED = "Subject: Your code\nFrom: a@b.example\n" + PLAIN


@pytest.mark.parametrize(
    "part",
    [
        f"Content-Type: message/rfc822\n\n{FORWARDED}",
        f"Content-Type: message/rfc822\nContent-Disposition: attachment; filename=x.eml\n\n{FORWARDED}",
        f"Content-Type: message/global\n\n{FORWARDED}",
        f"Content-Type: application/octet-stream; name=Code.EML\n\n{FORWARDED}",
        "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
        "Content-Disposition: attachment; filename*=utf-8''code.eml\n\n"
        + base64.b64encode(FORWARDED.encode()).decode(),
    ],
)
def test_an_attached_mail_is_a_mail_of_its_own(part: str) -> None:
    mail = read(_mail(_multipart("mixed", _footer("See below"), part)))
    assert mail.text == "See below"
    assert [(inner.subject, inner.text.strip()) for inner in mail.attached] == [("Your code", _PLAIN_TEXT)]


def test_mails_in_mails_and_digests_keep_their_places() -> None:
    inner = _multipart("digest", f"\n{FORWARDED}", f"\n{FORWARDED.replace('code', 'link')}", boundary="b2")
    mail = read(
        _mail(_multipart("mixed", _footer("x"), f"Content-Type: message/rfc822\n\nSubject: outer\n{inner}"))
    )
    assert [each.subject for each in mail.attached] == ["outer"]
    assert [each.subject for each in mail.attached[0].attached] == ["Your code", "Your link"]


def test_flowed_text_is_joined_to_its_paragraphs() -> None:
    flowed = "Content-Type: text/plain; format=flowed{}\n\n"
    flowed += "Your code is \n482913, \nas ever.\n > kept\n>> a \n>> b\n-- \nMe"
    text = "Your code is 482913, as ever.\n> kept\n>> a b\n-- \nMe"
    assert read(_mail(flowed.format(""))).text == text
    assert read(_mail(flowed.format("; delsp=yes"))).text == text.replace("is 482913, as", "is482913,as").replace(
        "a b", "ab"
    )


def test_a_mails_text_is_kept_out_of_its_repr() -> None:
    assert "482913" not in repr(read(_mail(f"Subject: 482913\n{_multipart('alternative', PLAIN, HTML)}")))


def test_line_ends_are_lf_and_nul_is_dropped() -> None:
    assert read(b"\r\n\r\n").text == ""
    assert read(b"A: b\r\n\r\none\r\ntwo\rthree\n\0four").text == "one\ntwo\nthree\nfour"
