"""Text that nobody sees is left out; text that only looks as if it were hidden stays (FACTS 24)."""

import pytest

from core.markup import render


def _text(html: str) -> str:
    return render(html).text


HIDING = [
    "display:none", "DISPLAY : None !important", "display:none!important;display:block", "visibility:hidden",
    "visibility: collapse", "opacity:0", "opacity: .05", "opacity:0%", "font-size:0", "font-size:0px",
    "font-size:1px", "font-size: 1pt", "font:0/0 a", "font: bold 1px/1 Arial", "color:#fff", "color:white",
    "color:#FEFEFE", "color:transparent", "color:rgba(0,0,0,0)", "color:rgb(255, 255, 255)", "color:#00000000",
    "background:#222;color:#222222", "color:#336699;background-color:#369", "max-height:0", "max-height:0px",
    "height:0;overflow:hidden", "width:0;overflow:hidden", "width:1px;height:1px;overflow:hidden",
    "max-width:0;overflow:hidden", "position:absolute;left:-9999px", "position: fixed;top:-2000px",
    "text-indent:-9999px", "margin-left:-10000px", "position:absolute;clip:rect(0,0,0,0)",
    "position:absolute;clip:rect(1px 1px 1px 1px)", "clip-path: inset(50%)", "transform:scale(0)",
    "display:none;display:none", "color:red;color:#ffffff", "color:rgba(0,0,0,.05)", "color:#00000008",
    "background:rgba(0,0,0,.95);color:#000", "color:hsl(0, 0%, 100%)", "color:hsl(210deg 40% 98% / .9)",
    "background:hsl(0,0%,0%)", "color:hsla(0,0%,0%,.05)",
]  # fmt: skip


@pytest.mark.parametrize("style", HIDING)
def test_a_style_hides(style: str) -> None:
    assert _text(f'<p>a</p><p style="{style}">482913 <b>913482</b></p><p>b</p>') == "a\nb"


SHOWING = [
    "", "display:block", "visibility:visible", "opacity:1", "opacity:.9", "opacity:80%", "font-size:12px",
    "font-size:.8em", "font-size:90%", "font-size:small", "font:12px/0 Arial", "font:italic bold 13px Arial",
    "color:#333", "color:rgb(1,2,3)", "color:inherit", "color:#fff;background:#000",
    "color:#fff;background-color:navy", "background:rgba(0,0,0,.05)", "background:#0000000d",
    "color:rgba(0,0,0,.6)", "background:rgba(0,0,0,.6)", "background:rgb(0 0 0 / 4%)",
    "color:white;background:url(x.png)", "color:#fff;background-image:linear-gradient(#000,#111)",
    "color:#fff;background:hsl(200,50%,50%)", "color:var(--x)", "background:#fff", "background:none", "height:0",
    "line-height:0", "max-height:100px", "overflow:hidden", "height:40px;overflow:hidden", "max-width:0",
    "left:-9999px", "text-indent:-5px", "margin-left:-20px", "margin:0", "clip:auto", "transform:scale(0.9)",
    "mso-hide:all", "display:none;display:block", "-webkit-display:none", "content:'display:none'", ";;:;a:;",
    "font-size:1px;font-size:14px", "font-size:1em", "font-size:1.5rem",
]  # fmt: skip


@pytest.mark.parametrize("style", SHOWING)
def test_a_style_does_not_hide(style: str) -> None:
    assert "482913" in _text(f'<p style="{style}">482913</p>')


INHERITED = {
    "a size set anew": ('<td style="font-size:0"><span style="font-size:14px">a</span>b</td>', "a"),
    "a relative size of nothing": ('<td style="font-size:0"><span style="font-size:2em">a</span></td>', ""),
    "an old size attribute": ('<div style="font-size:0"><font size="3">a</font></div>', "a"),
    "visible again": ('<div style="visibility:hidden">a<b style="visibility:visible">b</b></div>', "b"),
    "never again displayed": ('<div style="display:none">a<b style="display:block">b</b></div>', ""),
    "never again opaque": ('<div style="opacity:0">a<b style="opacity:1">b</b></div>', ""),
    "on the ground of the root": ("<style>:root{background:#000} p{color:#fff}</style><p>a</p>", "a"),
    "filled by a gradient": (
        '<h1 style="background:linear-gradient(red,blue);-webkit-background-clip:text;color:transparent">a</h1>',
        "a",
    ),
    "on a ground that lets the one below show": (
        '<div style="background:#000"><p style="background:rgba(255,255,255,.1);color:#fff">a</p></div>',
        "a",
    ),
    "on the ground of an ancestor": (
        '<table bgcolor="#336699"><tr><td><p><font color="#ffffff">a</font></p></table>',
        "a",
    ),
    "on the ground of the body": ('<body style="background:#123"><p style="color:#fff">a</p></body>', "a"),
    "in the colour of the ground": ('<body bgcolor="black"><p>a</p><p style="color:#eee">b</p></body>', "b"),
    "in the colour of the body's text": ('<body text="#ffffff"><p>a</p><p style="color:black">b</p></body>', "b"),
    "on a background picture": ('<table><tr><td background="x.png" style="color:#fff">a</td></tr></table>', "a"),
    "links are blue": ('<p style="color:#fff">a <a href=x>b</a> <a href=x style="color:inherit">c</a></p>', "b"),
    "hidden by its attribute": ("<p hidden>a</p><p hidden=until-found>b</p><p aria-hidden=true>c</p>", "c"),
    "shown in spite of it": ('<p hidden style="display:block">a</p>', "a"),
    "pictures are not written": ('<td style="font-size:0;color:#fff"><img alt="Logo"> a</td>', "Logo"),
    "but can be hidden": ('<div style="display:none"><img alt="Logo"></div>a', "a"),
    "and so can fields": ('<div style="font-size:0"><input value="1"></div>a', "a"),
    "a hidden block parts nothing": ('48<div style="display:none">x</div>29', "4829"),
    "a script stays one": ('<script style="display:block">a</script>b', "b"),
}


@pytest.mark.parametrize("name", INHERITED)
def test_hiding_is_inherited_and_undone_as_in_a_browser(name: str) -> None:
    html, text = INHERITED[name]
    assert _text(html) == text


RULES = {
    "a class": (".x{display:none}", "<p class='a X b'>a</p><p>b</p>", "b"),
    "an id": ("#x{display:none}", "<p id=x>a</p><p>b</p>", "b"),
    "a tag": ("h6{visibility:hidden}", "<h6>a</h6><p>b</p>", "b"),
    "a tag of a class": ("p.x{display:none}", "<p class=x>a</p><b class=x>b</b>", "b"),
    "several": (".x, .y ,h6{display:none}", "<i class=y>a</i><h6>b</h6><p>c</p>", "c"),
    "an own style wins": (".x{display:none}", "<p class=x style='display:block'>a</p>", "a"),
    "an important rule wins": (".x{display:none!important}", "<p class=x style='display:block'>a</p>", ""),
    "an id beats a class": (".x{display:none}#y{display:block}", "<p class=x id=y>a</p>", "a"),
    "inside a media query": ("@media (max-width:600px){.x{display:none}}", "<p class=x>a</p>", "a"),
    "after a media query": ("@media print{.x{color:red}}.x{display:none}", "<p class=x>a</p>b", "b"),
    "after an import": ("@import url(x.css);.x{display:none}", "<p class=x>a</p>b", "b"),
    "in old comments": ("<!-- /* c { */ .x{display:none} -->", "<p class=x>a</p>b", "b"),
    "an unclosed comment": ("/* .x{display:none}", "<p class=x>a</p>", "a"),
    "a descendant": ("div .x{display:none}", "<p class=x>a</p>", "a"),
    "a state": (".x:hover{display:none}", "<p class=x>a</p>", "a"),
    "a ground for white text": (".x{background:#000}", "<p class=x style='color:#fff'>a</p>", "a"),
    "a ground that we cannot tell": (
        "td.b a, .c .x{background:#000}",
        "<a href=y class=x style='color:#fff'>a</a>",
        "a",
    ),
    "colours": (".x{color:#fff}.y{background:#fff;color:#fff}", "<p class=x>a</p><p class=y>b</p>c", "c"),
    "braces that do not match": ("}}.x{display:none}{{", "<p class=x>a</p>b", "b"),
}


@pytest.mark.parametrize("name", RULES)
def test_the_rules_of_the_page_are_kept(name: str) -> None:
    css, html, text = RULES[name]
    assert _text(f"<style>{css}</style>{html}") == text
    assert _text(f"<style type='text/css'>{css}</style><p>0</p>{html}") == f"0\n{text}".strip()


def test_rules_below_what_they_hide_are_kept_too() -> None:
    assert _text("<p class=x>a</p><p>b</p><style>.x{display:none}</style><p class=x>c</p>") == "b"


def test_rules_for_outlook_alone_are_not_ours() -> None:
    assert _text("<!--[if mso]><style>.x{display:none}</style><![endif]--><p class=x>a</p>") == "a"
    assert _text("<!--[if !mso]><!--><p>a</p><!--<![endif]--><![if !mso]><p>b</p><![endif]>") == "a\nb"


def test_a_preheader_and_a_decoy_stay_out_of_the_text() -> None:
    preheader = (
        '<div style="display:none;font-size:1px;max-height:0;opacity:0;overflow:hidden">Use 111111 &zwnj;</div>'
    )
    decoy = '<span style="color:#f4f4f4">222222</span>'
    page = f'<body style="background-color:#f4f4f4">{preheader}<p>Your code is 333333{decoy}.</p></body>'
    assert _text(page) == "Your code is 333333."
