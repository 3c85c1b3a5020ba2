"""Subjects of forwards and replies: what a mail program puts in front of the one it forwards."""

import re
import unicodedata

# Outlook, Apple Mail, Gmail and Yahoo in their languages; most are recorded in the fixtures of
# crisp-oss/email-forward-parser, the others as those programs write them
_FORWARD = (
    "fwd, fw, wg, tr, i, rv, rtrns, enc, vb, vl, vs, pd, redir, videresend, ilt, iletildi, doorst, tovább, πρθ"
    ", 转发, 轉寄, 轉發, 转寄, 전달, 転送, forward, forwarded, reenv, rvs, trs, ter, posl, prep, пересл, нф"
    ", إعادة توجيه, הועבר, ส่งต่อ, chuyển tiếp, teruskan, हस्तांतरित, пд, proslijeđeno, edasi"
)
_REPLY = (
    "re, aw, sv, antw, odp, res, r, rif, ref, vá, ynt, atb, bls, απ, отв, rép"
    ", 回复, 回覆, 答复, 答覆, 回信, 返信, 답장, 회신, رد, תגובה"
)
_PREFIX = re.compile(r"\s*(?P<word>[^\s:：\[\]()0-9]{1,16}(?: [^\s:：\[\]()0-9]{1,10})?)\.?\s?[:：]\s*")


def fold_subject(subject: str) -> str:
    """A subject as it is compared: case, marks, direction, and runs of space gone."""
    plain = unicodedata.normalize("NFKD", subject.casefold())
    kept = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn"))
    return " ".join(kept.split())


def is_forward(subject: str) -> bool:
    """Whether a subject begins as a mail program begins that of a forward, in any language known here."""
    return _prefix(subject) in _FORWARDS


def is_reply(subject: str) -> bool:
    """Whether a subject begins as that of a reply."""
    return _prefix(subject) in _REPLIES


def same_subject(outer: str, inner: str) -> bool:
    """Whether `outer` is `inner` with nothing but prefixes in front of it; an empty subject is like none."""
    folded, told = fold_subject(outer), fold_subject(inner).strip("*_ ;")
    return bool(told) and folded.endswith(told) and _only_prefixes(folded[: len(folded) - len(told)])


def _only_prefixes(text: str) -> bool:
    return len(text) <= 60 and (not text.strip() or text.rstrip().endswith((":", "：", "]", ")", ">")))  # noqa: PLR2004


def _prefix(subject: str) -> str:
    match = _PREFIX.match(subject)
    return fold_subject(match["word"]).strip(".") if match else ""


_FORWARDS = frozenset(map(fold_subject, _FORWARD.split(",")))
_REPLIES = frozenset(map(fold_subject, _REPLY.split(",")))
