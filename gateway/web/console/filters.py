"""What part of the history a page shows: all of it stands in the address, so that any view can be shared."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from flask import request
from pydantic import AfterValidator, BeforeValidator, Field

from core.errors import InvalidRequestError
from core.store import History, State
from gateway.web import auth
from gateway.web.inputs import AnyIdentifier, Input, Limit, PageText, Text, query
from gateway.web.parts import parts

KINDS = {
    "codes": {"code": "Code", "link": "Link", "totp": "TOTP"},
    "messages": {
        "code": "Code",
        "link": "Link",
        "none": "No code",
        "gmail-confirmation": "Gmail confirmation",
        "forwarding-confirmation": "Forwarding confirmation",
    },
}
CHANNELS = {"email": "Email", "sms": "SMS", "push": "Push"}
ROUTES = {
    "secret-address": "Secret address",
    "forwarder": "Forwarder",
    "provider": "Provider",
    "key": "API key",
    "open": "Open",
}
STATES = {state.value: state.value.capitalize() for state in State}
SIZES = (25, 50, 100, 200)


def _utc(value: object) -> object:
    """A moment as a form writes it, without a zone: UTC; one with a zone as it is."""
    if value is None or not str(value).strip():
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError("is no time such as 2026-11-23T09:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _one_of(*known: Iterable[str]) -> AfterValidator:
    """A field that holds one of some words, or nothing."""
    words = [word for group in known for word in group]

    def check(text: str) -> str:
        if text and text not in words:
            raise ValueError(f"is none of {', '.join(dict.fromkeys(words))}")
        return text

    return AfterValidator(check)


When = Annotated[datetime | None, BeforeValidator(_utc)]


class Filter(Input):
    """What of the history is wanted; blank fields filter nothing."""

    identifier: AnyIdentifier = None
    kind: Annotated[Text, _one_of(*KINDS.values())] = ""
    state: Annotated[Text, _one_of(STATES)] = ""
    sender: Text = ""
    channel: Annotated[Text, _one_of(CHANNELS, ["totp"])] = ""
    route: Annotated[Text, _one_of(ROUTES)] = ""
    author: Text = ""
    run_id: Text = ""
    source: Text = ""
    since: When = None
    until: When = None
    subject: Annotated[Text, Field(max_length=200)] = ""
    limit: Limit = 50
    page: PageText = ""

    def wanted(self) -> History:
        """The same as the store takes it, but the subject, into which `browse` looks.

        Raises NotFoundError for an identifier that is not the caller's, InvalidRequestError for words of
        subjects when the caller may not see subjects.
        """
        if self.subject and not auth.may("claim"):
            raise InvalidRequestError("subjects are shown to API keys with scope claim alone: leave it empty")
        return History(
            now=parts().clock(),
            identifier=auth.check_identifier(self.identifier) if self.identifier else "",
            kind=self.kind,
            channel=self.channel,
            run_id=self.run_id,
            senders=(self.sender,) if self.sender else (),
            route=self.route,
            author=self.author,
            source=self.source,
            state=State(self.state) if self.state else None,
            since=self.since,
            until=self.until,
        )

    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.model_dump(exclude={"limit", "page"}, exclude_defaults=True))


def asked() -> Filter:
    """The filter of the present request; raises InvalidRequestError naming each bad field."""
    return query(Filter)


def kept(**changed: str | None) -> dict[str, str]:
    """The present request's filter as it was written, without what is blank; with changes, None for nothing."""
    values = {name: text for name, text in request.args.items() if text.strip()} | changed
    return {name: text for name, text in values.items() if text is not None}
