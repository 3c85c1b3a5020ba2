"""History: the codes that were found, and all that came in, by whatever is known of them."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from core.errors import InvalidRequestError, NotFoundError
from core.store import Code, Leaf, Message, Page, browse
from gateway.web import auth
from gateway.web.console import filters
from gateway.web.console.exporting import LONGEST, stream
from gateway.web.console.filters import Filter, asked, kept
from gateway.web.console.frame import pages, show, viewing
from gateway.web.console.visible import pieces, plain, shown
from gateway.web.paging import place, token
from gateway.web.parts import parts

history = pages("history")
_FURTHER = ("source", "channel", "route", "author", "since", "until", "subject")
"""The fields that stand behind "More filters"."""
for named in (pieces, plain, shown):
    history.add_app_template_filter(named)


@history.get("/history")
@viewing("read", "claim")
def page() -> AnyResponse:
    """Codes, newest first; their values only for a key with scope `claim`."""
    return _page("codes")


@history.get("/history/messages")
@viewing("read", "messages")
def messages() -> AnyResponse:
    """All that came in, newest first: also what gave no code."""
    return _page("messages")


@history.get("/history.<form>")
@viewing("read", "claim")
def export_codes(form: str) -> AnyResponse:
    """The codes that the filter lets through as CSV or JSON, the newest `LONGEST` of them."""
    return stream("codes", form, asked(), read_codes)


@history.get("/history/messages.<form>")
@viewing("read", "messages")
def export_messages(form: str) -> AnyResponse:
    """The same of messages, without their texts."""
    return stream("messages", form, asked(), read_messages)


def read_codes(wanted: Filter, page_: Page) -> Leaf[Code]:
    """A page of codes; an audit row for each value that is shown."""
    past = wanted.wanted()
    leaf = browse(lambda turned: parts().store.codes.history(past, turned), page_, wanted.subject)
    if auth.may("claim"):
        auth.note_shown("history", leaf.rows)
    return leaf


def read_messages(wanted: Filter, page_: Page) -> Leaf[Message]:
    """A page of messages; their subjects are shown to keys with scope `claim`, and noted."""
    past = wanted.wanted()
    leaf = browse(lambda turned: parts().store.messages.history(past, turned), page_, wanted.subject)
    if auth.may("claim"):
        auth.note_shown("messages", leaf.rows)
    return leaf


def _page(view: str) -> AnyResponse:
    try:
        wanted = asked()
        turned = Page(
            limit=wanted.limit, before=place(wanted.page) if wanted.page else None, only=auth.caller().only
        )
        leaf = read_codes(wanted, turned) if view == "codes" else read_messages(wanted, turned)
    except (InvalidRequestError, NotFoundError) as error:
        nothing = Leaf[Code](rows=[])
        return _shown(view, error.status, leaf=nothing, wanted=Filter(), following=None, wrong=str(error))
    following = token(*leaf.following) if leaf.following else None
    return _shown(view, leaf=leaf, wanted=wanted, following=following, wrong="")


def _shown(view: str, status: int = 200, **context: object) -> AnyResponse:
    return show(
        "history.html",
        status,
        view=view,
        written=request.args,
        further=any(request.args.get(name) for name in _FURTHER),
        kept=kept,
        lists=filters,
        longest=LONGEST,
        now=parts().clock(),
        **context,
    )
