"""Acme, a site to log in to: it mails a code, texts a code, and asks an authenticator for one."""

import hmac
import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, request, session
from markupsafe import Markup

Send = Callable[..., None]
SENDER = "no-reply@acme.example"
_PAGE = Markup(
    '<!doctype html><title>Acme</title><h1>{title}</h1><form method="post" action="{action}">'
    '<label>{label} <input name="value" required></label> <button>{button}</button></form>'
)


@dataclass(kw_only=True)
class Acme:
    """What the site knows; a session's code is right for that session alone."""

    send_mail: Send
    send_sms: Send
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(20))
    """What its authenticator codes are made from (RFC 6238)."""
    period: int = 30
    expected: dict[str, str] = field(default_factory=dict)
    spent: set[int] = field(default_factory=set)
    """Time steps whose code was used: none counts twice."""
    welcomed: list[str] = field(default_factory=list)
    refused: int = 0

    def app(self) -> Flask:
        """The site itself."""
        app = Flask("acme")
        app.secret_key = secrets.token_bytes(16)
        app.add_url_rule("/", view_func=self.start)
        for view in (self.email, self.check_email, self.text, self.check_text, self.check_app):
            app.add_url_rule(f"/{view.__name__}", view_func=view, methods=["POST"])
        return app

    def start(self) -> str:
        """Who are you?"""
        session["id"] = secrets.token_hex(8)
        return page("Sign in", "/email", "Email", "Email me a code")

    def email(self) -> str:
        """Mails a code."""
        self.send_mail(request.form["value"], self.new_code(), sender=SENDER)
        return page("We sent you a mail", "/check_email", "Code", "Go on")

    def check_email(self) -> str:
        """Whether it is what was mailed."""
        return page("One more step", "/text", "Phone", "Text me a code") if self.right() else self.refuse()

    def text(self) -> str:
        """Texts a code."""
        self.send_sms(request.form["value"], self.new_code())
        return page("We sent you a text", "/check_text", "Code", "Go on")

    def check_text(self) -> str:
        """Whether it is what was texted."""
        return page("Your authenticator", "/check_app", "Code", "Go on") if self.right() else self.refuse()

    def check_app(self) -> str:
        """Whether it is what an authenticator shows, and was not used before."""
        now = int(time.time()) // self.period
        step = next((s for s in (now, now - 1, now - 2) if self.code_at(s) == request.form["value"]), None)
        if step is None or step in self.spent:
            return self.refuse()
        self.spent.add(step)
        self.welcomed.append(session["id"])
        return "<h1>Welcome</h1>"

    def new_code(self) -> str:
        """What to send: a code for this session."""
        self.expected[session["id"]] = code = f"{secrets.randbelow(900_000) + 100_000}"
        return f"Your Acme code is {code}."

    def right(self) -> bool:
        """Whether what was typed is this session's code."""
        return self.expected.pop(session["id"], None) == request.form["value"]

    def refuse(self) -> str:
        """The code is wrong."""
        self.refused += 1
        return "<h1>That code is wrong</h1>"

    def code_at(self, step: int) -> str:
        """The authenticator's code of a time step."""
        digest = hmac.digest(self.secret, struct.pack(">Q", step), "sha1")
        start = digest[-1] & 15
        return f"{int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF:06}"[-6:]


def page(title: str, action: str, label: str, button: str) -> str:
    """One form."""
    return _PAGE.format(title=title, action=action, label=label, button=button)
