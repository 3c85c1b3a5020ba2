"""How long a mail takes from bytes to visible text, step by step: `python tests/benchmarks/reading.py`.

Two mails are made here: a transactional template of about 27 KB, and one of about 256 KB.
"""

import binascii
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import markup, mime
from core.mime import headers, transfer

_HEAD = """<!doctype html><html><head><meta charset="utf-8"><title>Your code</title><style type="text/css">
#outlook a{padding:0}body{margin:0;padding:0}table,td{border-collapse:collapse}img{border:0;outline:none}
.preheader{display:none!important}.btn a{color:#fff}.muted{color:#6b7280}
@media only screen and (max-width:480px){.col{width:100%!important}.hide{display:none!important}}</style></head>
<body style="margin:0;background-color:#f3f4f6"><div class="preheader">This code expires in ten minutes &zwnj;
</div><table width="100%" cellpadding="0" cellspacing="0" role="presentation"><tr><td align="center">"""
_ROW = """<!--[if mso]><table width="600"><tr><td><![endif]--><table class="col" width="600" cellpadding="0"
 cellspacing="0" style="max-width:600px;background:#ffffff;border-radius:8px"><tr><td style="padding:24px 32px;
font-family:Helvetica,Arial,sans-serif;font-size:{size}px;line-height:24px;color:#111827"><p
 style="margin:0 0 12px">Hello Ren\u00e9, this is paragraph {n} of a mail such as shops and banks send;
it has <b>bold words</b>, an
<a href="https://click.example/{n}?utm_source=mail&amp;id={n}" style="color:#2563eb">inline link</a> and a few
more words to fill the line.</p></td><td style="width:40px;font-size:0"><img src="cid:i{n}" alt="" width="24"
 height="24" style="display:block"></td></tr></table><!--[if mso]></td></tr></table><![endif]-->
"""
_CODE = '<p style="font-size:28px;letter-spacing:6px;color:#111827"><span>482</span> <span>913</span></p>'
_HOP = b"Received: from mx%d.example by mx.example with ESMTPS id %d;\r\n Tue, 1 Jul 2025 10:00:00 +0000\r\n"


def _mail(size: int) -> bytes:
    """A multipart/alternative mail with about `size` bytes of quoted-printable HTML."""
    rows, page = 0, ""
    while len(page) < size:
        page = _HEAD + _CODE + "".join(_ROW.format(n=n, size=13 + n % 5) for n in range(rows))
        page += "</td></tr></table></body></html>"
        rows += 1 + rows // 20
    html = binascii.b2a_qp(page.encode()).replace(b"\n", b"\r\n")
    received = b"".join(_HOP % (n, n) for n in range(6))
    return (
        received + b"From: =?utf-8?q?Ren=C3=A9_Shop?= <no-reply@shop.example>\r\nTo: user@example.com\r\n"
        b"Subject: =?utf-8?b?WW91ciBjb2RlIGlzIGhlcmU=?=\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_b1"\r\n\r\n--=_b1\r\nContent-Type: text/plain; '
        b"charset=utf-8\r\n\r\nYour code is 482 913.\r\n--=_b1\r\nContent-Type: text/html; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + html + b"\r\n--=_b1--\r\n"
    )


def _milliseconds(step: Callable[[], object]) -> float:
    """The quickest of 30 runs, so that other work on the machine does not count."""
    times = []
    for _ in range(30):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Print a row per step and mail."""
    for size in (27_000, 256_000):
        raw = _mail(size)
        mail = mime.read(raw)
        page = markup.render(mail.html)
        encoded = raw.partition(b"quoted-printable\r\n\r\n")[2]
        steps: dict[str, Callable[[], object]] = {
            "headers": partial(headers.split, raw),
            "quoted-printable": partial(transfer.quoted_printable, encoded),
            "read (with both)": partial(mime.read, raw),
            "render": partial(markup.render, mail.html),
        }
        _say(f"{len(raw)} bytes, {len(page.text)} characters seen, {len(page.links)} links")
        for name, step in steps.items():
            _say(f"  {name:<18} {_milliseconds(step):7.3f} ms")


if __name__ == "__main__":
    main()
