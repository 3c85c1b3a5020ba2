"""Which CSS declarations meet an element: its attributes, the rules of `<style>`, its own style.

Only what decides whether text is seen is read, and only rules whose selector is one tag, class or
id, outside any at-rule.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from core.markup.colours import LINK_BLUE
from core.markup.looks import Look, Shape, look_of

Declarations = dict[str, tuple[str, bool]]
"""Property -> value and whether it is `!important`."""

_BLOCKS = """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol
    optgroup option p plaintext pre section summary table tbody tfoot thead tr ul xmp"""
_UNSEEN = "audio canvas datalist iframe noembed noframes noscript object script style template title video xml"
_KEEPING_LINES = "listing plaintext pre textarea xmp"
_PLAIN = Look()
_LOOKS = {
    **dict.fromkeys(_BLOCKS.split(), Look(shape=Shape.BLOCK)),
    **dict.fromkeys(("td", "th", "button"), Look(shape=Shape.CELL)),
    **dict.fromkeys(_KEEPING_LINES.split(), Look(shape=Shape.BLOCK, keeps_lines=True)),
    "textarea": Look(keeps_lines=True),
    **dict.fromkeys(_UNSEEN.split(), Look(gone=True)),
}
_NAMES = """-webkit-background-clip background background-clip background-color background-image clip clip-path
    color display flex-direction flex-flow float font font-size height left margin-left margin-top max-height
    max-width opacity overflow position text-indent top transform visibility white-space width"""
_PROPERTIES = frozenset(_NAMES.split())
_SIMPLE = re.compile(r"([a-z][\w:-]*)?([.#][\w-]+)?")
_LAST_NAME = re.compile(r"([.#][\w-]+)[^\s>+~.#]*$|(?:^|[\s>+~])([a-z][\w-]*)[^\s>+~.#]*$")
_BRACE = re.compile("([{}])")
_MOST_RULES = 5_000
_MOST_CLASSES = 50
_LONGEST_SELECTOR = 200
_LONGEST_KEPT = 500
"""Characters of a style whose look is kept for the next mail."""
_ATTRIBUTES = (
    ("bgcolor", "background-color", ""),
    ("background", "background-image", "url()"),
    ("color", "color", ""),
    ("text", "color", ""),
    ("size", "font-size", "medium"),
    ("hidden", "display", "none"),
)
_LEGACY = frozenset(attribute for attribute, _, _ in _ATTRIBUTES)
_TAGS: dict[str, Declarations] = {
    "a": {"color": (LINK_BLUE, False)},
    **{tag: {"white-space": ("pre", False)} for tag in _KEEPING_LINES.split()},
}


class Sheet:
    """The rules of a mail's `<style>` elements, and the looks that they give its elements."""

    def __init__(self) -> None:
        self._rules: dict[str, list[tuple[str, Declarations]]] = {}
        self._count = 0
        self._met: set[str] = set()
        self._looks: dict[tuple[str | None, ...], Look] = {}

    def add(self, css: str) -> bool:
        """Take in the text of a `<style>`; whether its rules meet any element whose look was asked for before."""
        late = False
        for selectors, body in _rules(css):
            declarations = _declarations(body)
            if declarations and self._count < _MOST_RULES:
                for selector in selectors.split(","):
                    name = self._add_rule(selector.strip().lower()[-_LONGEST_SELECTOR:], declarations)
                    late |= name in self._met
        self._looks.clear()
        return late

    def look(self, tag: str, attributes: Mapping[str, str]) -> Look:
        """The look of an element by its tag and attributes; the same one for the same style."""
        if not attributes and tag not in self._rules:
            self._met.add(tag)
            return _LOOKS.get(tag, _PLAIN)
        get = attributes.get
        key: tuple[str | None, ...] = (tag, get("style"), get("class"), get("id"))
        if not _LEGACY.isdisjoint(attributes):
            key += tuple(get(name) for name, _, _ in _ATTRIBUTES)
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = self._decide(tag, attributes)
        return look

    def _add_rule(self, selector: str, declarations: Declarations) -> str:
        """Keep a rule; the tag, .class or #id under which it is kept, or ""."""
        self._count += 1
        if selector in {"html", ":root"}:
            selector = "body"  # the root is laid out before its styles are read, and nothing lies between the two
        simple = _SIMPLE.fullmatch(selector)
        last = _LAST_NAME.search(selector)
        if simple and selector:
            only, name = simple.group(1) or "", simple.group(2) or simple.group(1)
        elif last and any(name.startswith("background") for name in declarations):
            # Whom this rule meets we can't tell; whoever it may meet stands on an unknown ground.
            only, name, declarations = "", last.group(1) or last.group(2), {"background": ("url()", False)}
        else:
            return ""
        self._rules.setdefault(name, []).append((only, declarations))
        return name

    def _decide(self, tag: str, attributes: Mapping[str, str]) -> Look:
        names, style = self._meet(tag, attributes), attributes.get("style", "")
        if self._rules.keys().isdisjoint(names) and len(style) <= _LONGEST_KEPT and _LEGACY.isdisjoint(attributes):
            return _own_look(tag, style)
        met = [
            declarations
            for name in names
            for only, declarations in self._rules.get(name, ())
            if not only or only == tag
        ]
        merged = _presentational(tag, attributes)
        for declarations in (*met, _declarations(style)):
            _merge(merged, declarations)
        return _look(tag, merged)

    def _meet(self, tag: str, attributes: Mapping[str, str]) -> list[str]:
        """The names under which rules may meet an element, the weightiest last."""
        names = [tag]
        if "class" in attributes:
            names += ["." + name for name in attributes["class"].lower().split()[:_MOST_CLASSES]]
        if "id" in attributes:
            names.append("#" + attributes["id"].lower())
        self._met.update(names)
        return names


@lru_cache(maxsize=2000)
def _own_look(tag: str, style: str) -> Look:
    """The look by tag and style alone; kept, for mails of a site repeat their styles."""
    merged = _presentational(tag, {})
    _merge(merged, _declarations(style))
    return _look(tag, merged)


def _look(tag: str, merged: Declarations) -> Look:
    natural = _LOOKS.get(tag, _PLAIN)
    if natural.gone or not merged:
        return natural
    return look_of({name: value for name, (value, _) in merged.items()}, natural.shape)


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """The (selectors, declarations) outside at-rules, in order."""
    depth, selectors = 0, ""
    pieces = _BRACE.split(_without_comments(css))
    for text, brace in zip(pieces[::2], pieces[1::2], strict=False):
        if brace == "{":
            depth += 1
            selectors = text.rpartition(";")[2] if depth == 1 else ""
        else:
            if depth == 1 and "@" not in selectors:
                yield selectors, text
            depth = max(0, depth - 1)


def _without_comments(css: str) -> str:
    first, *others = css.replace("<!--", "").replace("-->", "").split("/*")
    return first + "".join(other.partition("*/")[2] for other in others)


def _declarations(css: str) -> Declarations:
    merged: Declarations = {}
    for declaration in css.lower().split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip()
        if name in _PROPERTIES:
            value, _, important = value.partition("!")
            _declare(merged, name, value.strip(), important="important" in important)
    return merged


def _merge(merged: Declarations, later: Declarations) -> None:
    if not merged:
        merged.update(later)
        return
    for name, (value, important) in later.items():
        _declare(merged, name, value, important=important)


def _declare(merged: Declarations, name: str, value: str, *, important: bool) -> None:
    if important or name not in merged or not merged[name][1]:
        merged.pop(name, None)  # so that the last declared stands last
        merged[name] = (value, important)


def _presentational(tag: str, attributes: Mapping[str, str]) -> Declarations:
    """What a tag and its attributes say of the look, as CSS (HTML, section 15.3)."""
    found = dict(_TAGS[tag]) if tag in _TAGS else {}
    for attribute, name, value in () if _LEGACY.isdisjoint(attributes) else _ATTRIBUTES:
        if attribute in attributes:
            found[name] = (value or attributes[attribute].strip().lower(), False)
    return found
