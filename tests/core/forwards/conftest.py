"""How mail programs write a forward: one function a program, given the header words of a language."""

# ruff: noqa: E501 - mail programs write long lines

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

import pytest


@dataclass(frozen=True, kw_only=True)
class Words:
    """Sender, date, recipient and subject in one language."""

    sender: str
    date: str
    recipient: str
    subject: str


SENDER = ("Harbour", "no-reply@mail.harbour.example")
RECIPIENT = "alice@example.com"
SUBJECT = "Your sign-in code"
DATE = "2026-03-03 09:14"
INNER_TEXT = "Hello,\n\nyour sign-in code is 482913. It expires in 10 minutes.\n\nHarbour, 1 Quay Street"
INNER_HTML = (
    '<table><tr><td style="display:none">Harbour news</td></tr><tr><td>Hello,</td></tr>'
    "<tr><td>your sign-in code is <b>482913</b>. It expires in 10 minutes.</td></tr>"
    '<tr><td><a href="https://harbour.example/help">Get help</a></td></tr></table>'
)

Body = tuple[str, str]
"""Plain text and HTML; HTML may be ""."""


def _lines(words: Words, order: str, *, date: str = DATE) -> list[tuple[str, str]]:
    fields = {
        "f": (words.sender, f"{SENDER[0]} <{SENDER[1]}>"),
        "d": (words.date, date),
        "t": (words.recipient, RECIPIENT),
        "s": (words.subject, SUBJECT),
    }
    return [fields[letter] for letter in order]


def _plain(lines: list[tuple[str, str]], colon: str = ": ") -> str:
    return "\n".join(f"{label}{colon}{value}" for label, value in lines)


def _bold(lines: list[tuple[str, str]], end: str = "<br>") -> str:
    return "".join(f"<b>{escape(label)}:</b> {escape(value)}{end}" for label, value in lines)


def gmail(words: Words) -> Body:
    lines = [
        (words.sender, f"{SENDER[0]} <{SENDER[1]}>"),
        ("Date", DATE),
        ("Subject", SUBJECT),
        ("To", f"<{RECIPIENT}>"),
    ]
    head = "---------- Forwarded message ---------"
    shown = "<br>".join(f"{label}: {escape(value)}" for label, value in lines)
    html = f'<div dir="ltr">fyi<br><br><div class="gmail_quote"><div class="gmail_attr">{head}<br>{shown}<br></div><br>{INNER_HTML}</div></div>'
    return f"fyi\n\n{head}\n{_plain(lines)}\n\n{INNER_TEXT}", html


def outlook_desktop(words: Words) -> Body:
    lines = _lines(words, "fdts")
    html = f'<div class="WordSection1"><p class="MsoNormal">See below<o:p></o:p></p><div style="border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">{_bold(lines)}</p></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p>{INNER_HTML}</div>'
    return f"See below\n\n{_plain(lines)}\n\n{INNER_TEXT}", html


def outlook_web(words: Words) -> Body:
    lines = _lines(words, "fdts")
    html = f'<div class="elementToProof">fyi</div><hr><div id="divRplyFwdMsg"><font>{_bold(lines)}</font><div>&nbsp;</div></div><div>{INNER_HTML}</div>'
    return f"fyi\n________________________________\n{_plain(lines)}\n\n{INNER_TEXT}", html


def new_outlook(words: Words) -> Body:
    lines = _lines(words, "fdts")
    return f"{_plain(lines)}\n{INNER_TEXT}", f"<div>{_bold(lines)}</div>{INNER_HTML}"


def apple_mail(words: Words) -> Body:
    lines = _lines(words, "fsdt")
    quoted = "\n".join(f"> {line}" for line in f"{_plain(lines)}\n\n{INNER_TEXT}".split("\n"))
    rows = "".join(
        f"<div><span><b>{escape(label)}: </b></span><span>{escape(value)}<br></span></div>"
        for label, value in lines
    )
    html = f'fyi<br><div><blockquote type="cite"><div>Begin forwarded message:</div><br>{rows}<br><div>{INNER_HTML}</div></blockquote></div>'
    return f"fyi\n\n> Begin forwarded message:\n> \n{quoted}", html


def ios(words: Words) -> Body:
    lines = _lines(words, "fdts")
    quoted = "\n".join(f"> {line}" for line in f"{_plain(lines)}\n\n{INNER_TEXT}".split("\n"))
    return f"\nSent from my phone\n\nBegin forwarded message:\n\n{quoted}", ""


def thunderbird(words: Words) -> Body:
    lines = _lines(words, "sdft")
    rows = "".join(
        f'<tr><th valign="BASELINE" align="RIGHT">{escape(label)}: </th><td>{escape(value)}</td></tr>'
        for label, value in lines
    )
    html = f'<div class="moz-forward-container"><br>-------- Forwarded Message --------<table class="moz-email-headers-table"><tbody>{rows}</tbody></table><br><br>{INNER_HTML}</div>'
    return f"-------- Forwarded Message --------\n{_plain(lines)}\n\n\n{INNER_TEXT}", html


def yahoo(words: Words) -> Body:
    lines = [
        (label, value.replace(RECIPIENT, f'"{RECIPIENT}" <{RECIPIENT}>')) for label, value in _lines(words, "ftds")
    ]
    text = "".join(f"{label}: {value}" for label, value in lines)
    rows = "".join(f"<div><b>{escape(label)}:</b> {escape(value)}</div>" for label, value in lines)
    return (
        f"   ----- Forwarded Message ----- {text}\n {INNER_TEXT}",
        f"<div>----- Forwarded Message -----</div>{rows}<div>{INNER_HTML}</div>",
    )


def yahoo_text(words: Words) -> Body:
    return yahoo(words)[0], ""


def samsung(words: Words) -> Body:
    lines = _lines(words, "fdts")
    rows = "".join(f"<div>{escape(label)}: {escape(value)} </div>" for label, value in lines)
    return (
        f"-------- Original message --------\n{_plain(lines)}\n\n\n{INNER_TEXT}",
        f"<div>-------- Original message --------</div>{rows}<div><br></div>{INNER_HTML}",
    )


def proton(words: Words) -> Body:
    lines = _lines(words, "fdst")
    shown = "<br>".join(f"{escape(label)}: {escape(value)}" for label, value in lines)
    return (
        f"------- Forwarded Message -------\n{_plain(lines)}\n\n> {INNER_TEXT.replace(chr(10), chr(10) + '> ')}",
        f'<div class="protonmail_quote">------- Forwarded Message -------<br>{shown}<br><br><blockquote>{INNER_HTML}</blockquote></div>',
    )


def fastmail(words: Words) -> Body:
    return f"----- Original message -----\n{_plain(_lines(words, 'ftsd'))}\n\n{INNER_TEXT}", ""


def hubspot(words: Words) -> Body:
    return (
        f"---------- Forwarded message ---------\n{_plain(_lines(words, 'fdst'), colon='：')}\n\n{INNER_TEXT}",
        "",
    )


def ionos(words: Words) -> Body:
    quoted = "\n".join(f"> {line}" for line in f"{_plain(_lines(words, 'ftds'))}\n \n \n{INNER_TEXT}".split("\n"))
    return f"> ---------- Original Message ----------\n{quoted}", ""


def missive(words: Words) -> Body:
    quoted = "\n".join(f"> {line}" for line in INNER_TEXT.split("\n"))
    return f"---------- Forwarded message ----------\n{_plain(_lines(words, 'fdts'))}\n\n{quoted}", ""


def qq(words: Words) -> Body:
    lines = _lines(words, "fdts")
    rows = "".join(f"<div><b>{escape(label)}:</b>&nbsp;{escape(value)};</div>" for label, value in lines)
    return (
        _plain(lines, colon=":  ") + f"\n\n{INNER_TEXT}",
        f'<div>------------------&nbsp;Original&nbsp;------------------</div><div style="background:#efefef">{rows}</div><div><br></div>{INNER_HTML}',
    )


def zoho(words: Words) -> Body:
    line = "============ Forwarded message ============"
    return f"{line}\n{_plain(_lines(words, 'ftds'))}\n{line}\n\n{INNER_TEXT}", ""


def mailmate(words: Words) -> Body:
    quoted = "\n".join(f"> {line}" for line in f"{_plain(_lines(words, 'ftsd'))}\n\n{INNER_TEXT}".split("\n"))
    return f"Forwarded message:\n\n{quoted}", ""


PROGRAMS: Mapping[str, Callable[[Words], Body]] = {
    program.__name__: program
    for program in (
        gmail, outlook_desktop, outlook_web, new_outlook, apple_mail, ios, thunderbird, yahoo, yahoo_text,
        samsung, proton, fastmail, hubspot, ionos, missive, qq, zoho, mailmate,
    )
}  # fmt: skip


@pytest.fixture(params=sorted(PROGRAMS))
def program(request: pytest.FixtureRequest) -> Callable[[Words], Body]:
    return PROGRAMS[request.param]
