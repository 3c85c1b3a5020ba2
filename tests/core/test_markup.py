"""HTML as a person sees it: lines, cells, pictures' words, and links with their labels."""

import pytest

from core.markup import render

SEEN = {
    "nothing": ("", ""),
    "only a comment": ("<!-- 1 -->", ""),
    "no tags": ("a &lt; b &amp; c&eacute;", "a < b & cé"),
    "blocks": ("<div>a</div><p>b</p>c<h1>d</h1><ul><li>e<li>f</ul>", "a\nb\nc\nd\ne\nf"),
    "empty blocks": ("<div><div></div><p> </p>a</div><div>&nbsp;</div><p>b", "a\nb"),
    "line breaks": ("a<br>b<br/><br>c<hr>d", "a\nb\nc\nd"),
    "white space": ("<p> a \n\t b </p> <p>c</p>", "a b\nc"),
    "non-breaking spaces": ("4&nbsp;8 &nbsp; 2", "4 8 2"),
    "thin spaces are kept": ("482&thinsp;913", "482\u2009913"),
    "zero-width characters are kept": ("48&zwnj;29", "48\u200c29"),
    "spans are glued": ("<span>4</span><span>8</span><b>2</b><!-- x -->9", "4829"),
    "spans apart": ("<span>4</span> <span>8 </span><b> 2</b>\n9", "4 8 2 9"),
    "a digit per cell": ("<table><tr><td>4</td><td>8</td><th>2</th></tr></table>", "4 8 2"),
    "a digit per cell, in paragraphs": ("<table><tr><td><p>4</p></td>\n<td><p>8</p></td></tr></table>", "4 8"),
    "a digit per table": (
        "<table><tr>" + "<td><table><tr><td>4</td></tr></table></td>" * 3 + "</tr></table>",
        "4 4 4",
    ),
    "a digit per cell, with line breaks": ("<table><tr><td>4<br></td><td><br>8</td></tr></table>", "4 8"),
    "empty cells between": ("<table><tr><td>4</td><td> </td><td></td><td>8</td></tr></table>", "4 8"),
    "cells of several lines": (
        "<table><tr><td>a<br>b</td><td>c</td><td></td><td>d</td></tr></table>",
        "a\nb\nc d",
    ),
    "rows": ("<table><tr><td>a<td>b<tr><td><td>c</table>d", "a b\nc\nd"),
    "a digit per box": ('<div style="display:inline-block">4</div>' * 2 + "<p>a</p>", "4 4\na"),
    "a digit per floating box": ('<div style="float:left"><p>4</p></div>' * 2, "4 4"),
    "a digit per flex item": ('<div style="display:flex"><div>4</div><div>8</div></div>a', "4 8\na"),
    "a flex column": ('<div style="display:flex;flex-direction:column"><div>4</div><div>8</div></div>', "4\n8"),
    "a digit per inline box": ('<span style="display:inline-block">4</span>' * 2, "44"),
    "spans made blocks": ('<span style="display:block">a</span><b style="display: table-cell">b</b>', "a\nb"),
    "blocks made inline": ('<div style="display:inline">4</div><li style="display:inline">8</li>', "48"),
    "buttons": ("Press <b><button>Yes</button><button>No</button></b>", "Press Yes No"),
    "pictures": ('a<img alt="Logo">b <a href="x"><img alt=" 48 &#13;29 " src="y"></a>', "a Logo b 48 29"),
    "pictures of digits": ('<img alt="4"><img alt="8">', "4 8"),
    "a picture without words": ('<img alt=""><img><img alt=" ">a', "a"),
    "a tracking pixel": (
        '<img alt="t" width="1" height="1"><img alt="u" height=0><img alt="v" width="2px">a',
        "a",
    ),
    "fields": (
        (
            '<input value="482913" readonly><input type=hidden value=1><input type=password value=2>'
            '<input type=checkbox value=3><input type=submit value="Sign in">'
        ),
        "482913 Sign in",
    ),
    "fixed text": ("<pre>a\n  b\r\n\nc</pre>d", "a\nb\nc\nd"),
    "text whose lines are kept": ('<div style="white-space:pre-wrap">a\nb<b>\nc</b></div>', "a\nb\nc"),
    "lines kept, and not": ('<pre>a\n<span style="white-space:normal">b\nc</span></pre>', "a\nb c"),
    "quoted mail": ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "a\nb\nc"),
    "struck out": ("<del>111111</del> <s>222222</s> 333333", "111111 222222 333333"),
    "scripts and the like": (
        (
            "<title>t</title><style>p{}</style><script>s</script><noscript>n</noscript>"
            "<template>m</template><xml>96</xml><iframe>i</iframe>a<textarea>b</textarea>"
        ),
        "ab",
    ),
    "right to left": ('<p dir="rtl">רמז \u200f482913</p>', "רמז \u200f482913"),
    "Outlook's own": ("<p class=MsoNormal>a<o:p>&nbsp;</o:p></p><o:p></o:p>b", "a\nb"),
    "unclosed": ("<table><tr><td><font><p>a<tr><td>b", "a\nb"),
    "two documents": (
        "<html><body><p>a</body></html><html><head><title>x</title></head><body>b</body></html>",
        "a\nb",
    ),
    "a declared encoding": ('<?xml version="1.0" encoding="utf-16"?><meta charset="utf-16"><p>é482913', "é482913"),
    "NUL and half a character": ("48\x0029\ud800", "48 29?"),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_page_is_read_as_it_is_seen(name: str) -> None:
    html, text = SEEN[name]
    assert render(html).text == text


def _links(html: str) -> list[tuple[str, str]]:
    page = render(html)
    assert all(page.text[link.start : link.end] == link.label for link in page.links)
    return [(link.label, link.href) for link in page.links]


LINKS = {
    "plain": ('<a href="https://a.example/">Sign in</a>', [("Sign in", "https://a.example/")]),
    "in text": ("Go: <a href=x> here <b>now</b> </a>.", [("here now", "x")]),
    "over lines": ("a<a href=x><div>b</div><div>c</div></a>d", [("b\nc", "x")]),
    "around a picture": ("<a href=x><img alt=Logo></a>", [("Logo", "x")]),
    "around a picture without words": ("a <a href=x><img src=y></a>", [("", "x")]),
    "around a tracking pixel": ("<a href=x><img src=y width=1 height=1></a>", []),
    "around nothing": ("<a href=x></a><a href=y> </a><a name=z>c</a>", []),
    "painted": ('<a href=x style="display:block;background:url(y)"></a>', [("", "x")]),
    "unclosed": ("<a href=x>b<a href=y>c", [("b", "x"), ("c", "y")]),
    "on part of a picture": ('<map><area href="x" alt="y"></map>', [("", "x")]),
    "kept exactly": (
        '<a href=" \n https://a.example/?a=1&amp;b=%20&#x3D;é?q=a b \t">x</a>',
        [("x", "https://a.example/?a=1&b=%20=é?q=a b")],
    ),
    "of another kind": (
        '<a href="JavaScript:x()">a</a><a href="mailto:b@c.example">b</a><a href="">c</a>',
        [("a", "JavaScript:x()"), ("b", "mailto:b@c.example"), ("c", "")],
    ),
    "relative": ("<a href=/a?b>x</a>", [("x", "/a?b")]),
    "relative to a base": (
        '<head><base href="https://a.example/b/"></head><a href="c?d">x</a><a href="//e.example">y</a>',
        [("x", "https://a.example/b/c?d"), ("y", "https://e.example")],
    ),
    "absolute beside a base": (
        '<base href="https://a.example/"><a href="HTTPS://b.example/../c">x</a>',
        [("x", "HTTPS://b.example/../c")],
    ),
    "a base that is none": ('<base href="http://[a/"><a href="b">x</a>', [("x", "b")]),
    "hidden": (
        (
            '<div style="display:none"><a href=x>a</a></div><a href=y style="font-size:0">b</a>'
            '<a href=z style="visibility:hidden"><img src=i></a>'
        ),
        [],
    ),
    "in a comment": ("<!-- <a href=x>a</a> --><!--[if mso]><v:rect href=y><![endif]-->", []),
    "with the same words": ("<a href=x>a</a> <a href=y>a</a>", [("a", "x"), ("a", "y")]),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_has_its_label_and_its_exact_address(name: str) -> None:
    html, links = LINKS[name]
    assert _links(html) == links


def test_2_001_links_are_read_and_the_number_is_bounded() -> None:
    assert len(_links("<a href=x>y</a> " * 2_001)) == 2_001
    assert len(_links("<a href=x>y</a>" * 10_000)) == 5_000


def test_pictures_inside_the_html_do_not_count_as_its_length() -> None:
    picture = '<img src="data:image/png;base64,' + "A" * 300_000 + '">'
    assert render(f"<p>a</p>{picture}<p>482913</p>").text == "a\n482913"
    assert render("<p>a</p>" + "<!-- x -->" * 30_000 + "<p>482913</p>").text == "a"


def test_a_long_style_sheet_does_not_count_as_the_length_and_its_first_rules_hide() -> None:
    rules = ".a{display:none}" + "".join(f".m-{n}{{margin:{n}px}}" for n in range(20_000))
    page = f"<style>{rules}</style><style>{rules}</style><p>a</p><p class=a>b</p><p>482913</p>"
    assert len(rules) > 256 * 1024
    assert render(page).text == "a\n482913"


def test_the_seen_text_is_kept_out_of_its_repr() -> None:
    assert "482913" not in repr(render("<a href=482913>482913</a>"))
