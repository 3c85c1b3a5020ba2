"""What a phone's forwarder wrote around the text message that it passes on.

Such programs put the first sender, the time and the SIM before the text, each in its own way, as in
`SMS from ACME (SIM1) 23/11/2026 20:06:41`, `From: ACME | Date: 03/11/26 21:44 | Msg: …` or
`{"sender": …, "body": …}`.
"""

import re
from dataclasses import replace

from core.extract.fields import passed_on
from core.extract.folding import plain
from core.extract.words import lexicon
from core.message import Channel, Content

_HEAD = 220
"""Characters in which a header ends, if there is one."""
_SOON = 60
"""Characters in which the first sender is named."""
_SHORTEST = 4
_MESSAGE = (
    "sms", "msg", "mess", "mens", "mes", "fwd", "forward", "nachricht", "bericht", "сообщ", "повідом", "内容",
    "內容", "信息", "weitergel", "doorgest", "reenv", "transf", "inolt", "encaminh", "wiadom", "tresc", "zprav",
    "sprav", "poruk",
)  # fmt: skip
"""How words begin that the lexicon files beside `from` and that name the message itself."""
_MONTH = (
    r"(?:jan|fe[bv]|m[aä]r|a[pbv]r|ma[iyjg]|jun|jui|jul|lug|giu|gen|ene|aug|ago|ao[uû]|sep|set|o[ck]t|out|ott|nov"
    r"|d[eié][czs])[a-zéû]{0,7}\.?"
)
_DATE = (
    r"(?:(?:20|13|14)\d\d[./年-]\d{1,2}[./月-]\d{1,2}日?T?|[0-3]?\d[./][0-3]?\d[./](?:20)?\d\d\b|[0-3]?\d-[0-3]?\d-20\d\d"
    r"|[0-3]?\d[./][0-3]?\d\b\.?|[0-3]?\d\.? [a-z]{3,9}\.? 20\d\d"
    r"|[0-2]?\d(?::[0-5]\d(?::\d\d)?Z?| ?h ?[0-5]\d\b)|[ap]\.?m\b"
    rf"|{_MONTH} [0-3]?\d(?:st|nd|rd|th)?\b(?:,? 20\d\d\b)?|[0-3]?\d\.? {_MONTH}(?![a-z])"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\b|(?:gmt|utc)(?:[+-]\d{1,4}(?::\d\d)?)?)"
)
_WORDS = (
    r"(?:(?:at|on|an|to|um|am|le|à|el|a las|em|às|il|alle|o|в|om|kl|received|empfangen|empf|recibido"
    r"|recebido|reçu|ricevuto|ontvangen|получено|data|date|datum|fecha|дата|время|time|zeit|hora|sent)\b"
    r"|(?:接收)?时间|時間|زمان)[.:：]{0,2}|(?:uhr|h)\b"
)
_STAMP = rf"(?>[\s|/·,;()\[\]_-]|{_DATE}|(?:sim|slot|card|卡|卡槽)[ :：_]{{0,2}}(?:sim ?)?\d(?!\d)|{_WORDS})"
"""When it came, and by which SIM; each is read in one way, else time would double with each."""
_SENDER = r"[\"'“„«<(]{0,2}(?P<who>\+?\d[\d ()-]{2,20}\d|[^\n:：|>\"'“”()\[\]/»]{1,32}?)[\"'”“»>)]{0,2}"
_TO = r"(?:[\s|,;/]{1,6}(?:to|an|à|a|para|aan|do|кому|至|收件人)[:：]\s{0,9}\+?\d[\d ()-]{3,20}\d)?"
_TEXT = r"(?:(?:text|body|content|msg|message|inhalt|texte|texto|testo|текст|内容|bericht|nachricht|mensaje)[:：])"
_FROM = re.compile(
    rf"\s*+(?:[:：]\s*+)?{_SENDER}(?:\s*\([^()\n]{{1,40}}\)|\s*\[[^\[\]\n]{{1,40}}\])?{_TO}(?:(?=[\s|/:：>·.,(\[]){_STAMP}{{0,40}}?)"
    rf"(?:[:：\n|·]|/(?=\s)|>>|->|(?=\"|{_TEXT})){_STAMP}{{0,60}}(?:\n?-{{2,}}\n)?\s*{_TEXT}?\s*[\"“„«]?",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:fwd|fw|fwded|forwarded|weitergeleitet|doorgestuurd|reenviado|encaminhad\w|transféré|inoltrato|przekazano"
    r"|переслано|переадрес\w+|iletildi|diteruskan"
    r"|(?:(?:you (?:got|received|have) an? |you've got an? |an? )?(?:new |nuevo |received |incoming |inbound )?)"
    r"(?:sms|msg|text message))\b|转发|轉發|sim ?\d"
    r"|[\[【][^\]】\n]{0,40}(?:sms|sim|fwd|forward|卡|转发)[^\]】\n]{0,40}|短信转发",
    re.IGNORECASE,
)
"""What only a forwarder begins with."""
_PASSED_ON = re.compile(r"(?:fwd?|转发自?|轉發自?|sim ?\d)\W", re.IGNORECASE)
"""What its sender may follow with no word for from."""
_LABEL = re.compile(rf"{_STAMP}{{0,20}}[^\W\d]{{1,20}}(?: [^\W\d]{{2,12}})? ?[:：]", re.IGNORECASE)
_FOOT = re.compile(
    rf"(?:[\"”»](?:\s*<<)?\s*|\n\s*|\s[\[(]|\sreceived on [^\n]{{2,20}})(?:接收)?{_STAMP}{{2,40}}$",
    re.IGNORECASE,
)
"""When it came, on a line of its own, in brackets or behind the closing quotation mark."""
_SAYS_MORE = re.compile(r"\d{3}|[.!?]\s")
"""No header says this before it names the sender."""
_LETTERS = re.compile(r"[^\W\d_]+")


def unwrapped(content: Content) -> Content:
    """The message that was passed on, with its own sender; the same where no forwarder wrote around it."""
    text = content.text
    if content.channel is Channel.EMAIL or not text:
        return content
    if passed := passed_on(text):
        return replace(content, text=passed.text, sender=passed.sender or content.sender)
    found = _header(text)
    if not found or len(text) - found.end() < _SHORTEST:
        return content
    body = text[found.end() :].rstrip()
    foot = _FOOT.search(body[-80:])
    body = body[: len(body) - len(body[-80:]) + foot.start()] if foot else body
    return replace(content, text=body, sender=found["who"].strip())


def _header(text: str) -> re.Match[str] | None:
    """From the word that says from to where the text itself begins."""
    opened = _OPENING.match(text)
    label = None if opened else _LABEL.match(text, 0, _SOON)
    if not opened and not label:
        return None
    folded = plain(text[: label.end() if label else _SOON])
    hits = sorted(_says_from(folded))
    named = [end for end in hits if folded[end : end + 2].lstrip().startswith(":")]
    passed = _PASSED_ON.match(text)
    ends = hits + ([passed.end()] if passed else [])
    bare = [end for end in ends if opened and not _SAYS_MORE.search(text, opened.end(), end)]
    found = (_FROM.match(text, end, _HEAD) for end in named + bare)
    return next(filter(None, found), None)


def _says_from(folded: str) -> set[int]:
    """Where words end that say from in any language: a forwarder may speak another one than the message."""
    words = {match.span() for match in _LETTERS.finditer(folded) if "from" in lexicon().classes(match[0])}
    words |= {(hit.start, hit.end) for hit in lexicon().find(folded) if "from" in hit.names}
    return {end for start, end in words if not folded.startswith(_MESSAGE, start)}
