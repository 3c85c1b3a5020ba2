"""Why one link signs in and another unsubscribes: features and their weights, in log-odds."""

import re
from collections.abc import Callable
from functools import cache
from operator import attrgetter

from core.extract import learned, weighing, weights
from core.extract.alternatives import any_of
from core.extract.link_view import LinkFeature, LinkView
from core.extract.result import Reason
from core.extract.view import CODE
from core.extract.weighing import Judged, Weighed, weighed

_TOKEN_NAME = re.compile(
    r"[?& ](?:token|key|code|t|k|otp|ticket|oobcode|confirmation_token|ct|sig|hash|h|jwt|nonce|secret|u|uid)="
)
_ASIDES = r"""
unsubscrib opt-?out preferenc privacy terms legal /help support faq imprint impressum contact about blog careers
manage-?(?:email|notif) notification-?setting view-?(?:in-?)?browser webversion beacon /open\b pixel wf/open
\.(?:png|gif|jpe?g|svg|webp|css|js|pdf|ico)(?=\x20)
\bremov(?:e|al) cancel report-?abuse not-?me deny declin reject refus ablehn rechaz revoke wasnt listinfo mailman
"""
_ASIDE = re.compile(any_of(_ASIDES.split()))
_BAD_HOST = re.compile(
    r"\.(?:facebook|fb|twitter|x|instagram|linkedin|youtube|youtu|tiktok|pinterest|t\.me|telegram|wa|whatsapp|vk|discord"
    r"|apps\.apple|itunes\.apple|play\.google|w3|schemas|googleapis|gravatar)\.(?:com|be|me|org|net|gg)$"
)
_HELP_HOSTS = ("help.", "support.", "faq.", "docs.", "blog.", "status.", "cdn.", "img.", "images.", "static.")
_TRADING = r"""
orders? invoices? track(?:ing)? receipts? tickets? bookings? reservations? reports? shop store cart
coupons? offers? promos? sale surveys? feedback rate reviews? news\w{0,8} articles? posts? events? calendar
statements? bills? billing pay payments? refunds? returns? deliver\w{0,3} parcels? shipments? issues? pulls?
commits? builds? status topics? threads? comments? photos? albums? docs? files? rechnung faktur\w{0,2}
factur\w{0,2} pedidos? commandes? bestell\w{0,5} jobs? lock\w{0,4} gifts? products? catalog\w{0,3} p d
"""
_TRADE = re.compile(rf"[^a-z](?:{any_of(_TRADING.split())})(?![a-z])")
_DATED = re.compile(r"/(?:19|20)[0-9]{2}/(?:0?[1-9]|1[0-2])/")
"""The day of an article: `/2026/11/23/`."""
_PLAIN_PAGE = re.compile(r"/(?:log-?in|sign-?in|account|my-?account|profile|settings)/?$")
_YES = re.compile(
    r"(?:yes|yep|ja|jap|oui|si|sim|da|tak|ano|evet|ναι|igen|kylla|joo|jah|taip|po|ya|co|oo|opo|ndiyo|bai|ie|ydw|hoi|ha|he|"
    r"да|так|иә|ооба|დიახ|այո|نعم|بله|جی|כן|हा|हां|होय|হ্যাঁ|ஆம்|అవును|ใช่|はい|是|好|네|예)(?![^\W_])"
)
"""How a label begins that says yes to `is it you?`, accents left out."""
_LABEL, _ANCHORED, _QUOTED = map(attrgetter, ("label", "anchored", "quoted"))
_ACTION = frozenset({"verify", "login", "reset"})
_TRADES = frozenset({"promo", "parcel", "booking"})
_BOOKED = _TRADES | {"ref", "meeting"}
_OTHER_USE = _TRADES | {"ref", "money", "place"}
_SIGNS_IN = frozenset({"verify", "login", "reset", "otp", "code"})
_ELSEWHERE = frozenset({"promo", "parcel", "booking", "aside", "meeting", "notme"})


def _label(*names: str) -> Callable[[LinkView], bool]:
    wanted = frozenset(names)
    return lambda view: not wanted.isdisjoint(view.label_names)


def _around(*names: str) -> Callable[[LinkView], bool]:
    """The words of the sentence count for a link whose own label does not say what it does."""
    wanted = frozenset(names)
    return lambda view: not wanted.isdisjoint(view.around_names)


def _near(*names: str) -> Callable[[LinkView], bool]:
    wanted = frozenset(names)
    return lambda view: not wanted.isdisjoint(view.near_names)


def _mark(name: str) -> Callable[[LinkView], bool]:
    return lambda view: name in view.marks


def _is_quoted(view: LinkView) -> bool:
    return all(map(_QUOTED, view.spots))


def _has_no_label(view: LinkView) -> bool:
    return not any(map(_LABEL, view.spots)) and all(map(_ANCHORED, view.spots))


def _has_strong_token(view: LinkView) -> bool:
    return view.has_strong_token


def _has_token(view: LinkView) -> bool:
    return view.has_strong_token or bool(view.short_tokens)


def _has_only_a_number(view: LinkView) -> bool:
    """Whether what looks like a short token is but a number, as of an order."""
    return bool(view.short_tokens) and not any(
        any(c.isdigit() for c in m) and any(c.isalpha() for c in m) for m in view.short_tokens
    )


def _says_nothing(view: LinkView) -> bool:
    """Whether neither label, sentence nor address speaks of verifying, signing in or resetting."""
    return _ACTION.isdisjoint(view.label_names | view.around_names) and not view.says_to_sign_in


def _confirms_something_else(view: LinkView) -> bool:
    return "verify" in view.label_names and not view.label_names.isdisjoint(_BOOKED)


def _is_beside_a_cancel(view: LinkView) -> bool:
    return "notme" in view.around_names and view.label_names.isdisjoint(_ACTION)


FEATURES: tuple[LinkFeature, ...] = (
    LinkFeature("every message may hold some link", lambda _: True),
    LinkFeature("its label says verify or confirm", _label("verify")),
    LinkFeature("its label says sign in", _label("login")),
    LinkFeature("its label says reset", _label("reset")),
    LinkFeature("its label says to click or go on", _label("click")),
    LinkFeature("its label says yes", lambda v: any(map(_YES.match, map(_LABEL, v.spots)))),
    LinkFeature("verify or confirm in the sentence", _around("verify")),
    LinkFeature("signing in, in the sentence", _around("login")),
    LinkFeature("a reset in the sentence", _around("reset")),
    LinkFeature("click or follow in the sentence", _around("click")),
    LinkFeature("verify, sign in or reset near", _near("verify", "login", "reset")),
    LinkFeature("it says how long it is valid", _near("expire")),
    LinkFeature("not to be shared", _near("secret")),
    LinkFeature("its address says verify, sign in or reset", lambda v: v.says_to_sign_in),
    LinkFeature("its address says so in some language", lambda v: v.address_names & _SIGNS_IN),
    LinkFeature("its address speaks of something else in some language", lambda v: v.address_names & _ELSEWHERE),
    LinkFeature("it says what to do if it wasn't you", _mark("not me")),
    LinkFeature("good for minutes or hours", _mark("soon over")),
    LinkFeature(
        "the only link, signing in is spoken of, and no trade",
        lambda v: (
            "only link" in v.marks and not v.near_names.isdisjoint(_ACTION) and v.near_names.isdisjoint(_TRADES)
        ),
    ),
    LinkFeature("the subject tells of something that happened", _mark("subject alerts")),
    LinkFeature("the subject speaks of an old or wrong one", _mark("subject old")),
    LinkFeature("in quoted older mail", _is_quoted),
    LinkFeature(
        "in older mail that a reply quotes",
        lambda v: "a reply" in v.marks and _is_quoted(v),
    ),
    LinkFeature("a token is named in its address", lambda v: _TOKEN_NAME.search(f" {v.query}")),
    LinkFeature("a long random token in its address", _has_strong_token),
    LinkFeature("a token in its address", _has_token),
    LinkFeature("no token in its address", lambda v: not _has_token(v)),
    LinkFeature("a sign-in page like any other", lambda v: _PLAIN_PAGE.search(v.path) and not v.query),
    LinkFeature("stands more than once", _mark("repeated")),
    LinkFeature("stands in full in the text as well", _mark("anchored and bare")),
    LinkFeature("the only link", _mark("only link")),
    LinkFeature("its label repeats the subject", _mark("repeats the subject")),
    LinkFeature(
        "at the top, as a logo",
        lambda v: {"at the top", "several links"} <= v.marks and v.label_names.isdisjoint(_ACTION),
    ),
    LinkFeature("on a line of its own", _mark("a line of its own")),
    LinkFeature("in a row of links", _mark("in a row")),
    LinkFeature(
        "what tells its address from others stands in one other too, as of yes and no", _mark("one of a pair")
    ),
    LinkFeature("leads to a home page", lambda v: v.path in {"", "/"} and not v.query),
    LinkFeature(
        "its address says help, privacy, unsubscribe or the like",
        lambda v: _ASIDE.search(v.address),
    ),
    LinkFeature(
        "leads to a social network, a shop for apps or a help site",
        lambda v: v.host.startswith(_HELP_HOSTS) or _BAD_HOST.search(f".{v.host}"),
    ),
    LinkFeature("its label says unsubscribe, help or the like", _label("aside")),
    LinkFeature("its label says cancel or that it wasn't you", _label("notme")),
    LinkFeature("cancel or 'this wasn't me' in the sentence", _is_beside_a_cancel),
    LinkFeature("an anchor without a label", _has_no_label),
    LinkFeature("a promotion near", lambda v: "promo" in v.near_names and "login" not in v.label_names),
    LinkFeature("a parcel near", _near("parcel")),
    LinkFeature("a meeting near", _near("meeting")),
    LinkFeature("a booking near", _near("booking")),
    LinkFeature("money near", _near("money")),
    LinkFeature("a threat near", _near("threat")),
    LinkFeature("a notice of something that happened", _near("alert")),
    LinkFeature("only a notice of something that happened", _mark("only a notice")),
    LinkFeature("only a number in its address", _has_only_a_number),
    LinkFeature(
        "its address speaks of orders, news, reports or the like",
        lambda v: _TRADE.search(v.path) or _DATED.search(v.path),
    ),
    LinkFeature("nothing says that it signs in", _says_nothing),
    LinkFeature(
        "a token, and a password or code is spoken of",
        lambda v: _has_token(v) and not v.near_names.isdisjoint(CODE),
    ),
    LinkFeature("a password or code in its label", _label("code", "otp")),
    LinkFeature(
        "its label speaks of something else",
        lambda v: not v.label_names.isdisjoint(_OTHER_USE) and "login" not in v.label_names,
    ),
    LinkFeature("it confirms a booking, an order or the like", _confirms_something_else),
    LinkFeature("the subject speaks of signing in", _mark("subject says")),
    LinkFeature("the subject speaks of something else", _mark("subject says else")),
    LinkFeature("an amount in the message", _mark("an amount")),
    LinkFeature("several amounts in the message", _mark("several amounts")),
    LinkFeature("a percentage in the message", _mark("a percentage")),
    LinkFeature("several dates or times in the message", _mark("several dates or times")),
    LinkFeature("a link beside others", _mark("several links")),
    LinkFeature("many links in the message", _mark("many links")),
    LinkFeature("a long message", _mark("long")),
    LinkFeature("a very long message", _mark("very long")),
    LinkFeature("words of two trades", _mark("two trades")),
    LinkFeature("words of many trades", _mark("many trades")),
    LinkFeature(
        "a token, in words that are not known",
        lambda v: "not understood" in v.marks and _has_token(v),
    ),
)


def judge(views: list[LinkView], wording: tuple[Reason, ...] = ()) -> list[Judged]:
    """For each link the log-odds that the login needs it, and every reason; `wording` are the message's own."""
    return weighing.judge(views, _weighed(), learned.of_link, wording)


@cache
def _weighed() -> Weighed[LinkView]:
    return weighed(((f.name, f.holds) for f in FEATURES), weights.LINK)
