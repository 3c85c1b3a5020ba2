"""The mails that are measured: transactional HTML as shops and banks send it, of a chosen size, made here."""

import binascii

_HEAD = """<!doctype html><html><head><meta charset="utf-8"><title>Your code</title><style type="text/css">
#outlook a{padding:0}body{margin:0;padding:0}table,td{border-collapse:collapse}img{border:0;outline:none}
.preheader{display:none!important}.btn a{color:#fff}.muted{color:#6b7280}
@media only screen and (max-width:480px){.col{width:100%!important}.hide{display:none!important}}</style></head>
<body style="margin:0;background-color:#f3f4f6"><div class="preheader">This code expires in ten minutes &zwnj;
</div><table width="100%" cellpadding="0" cellspacing="0" role="presentation"><tr><td align="center">"""
_CELL = (
    "padding:24px 32px 12px;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Helvetica,Arial,sans-serif;"
    "font-size:{size}px;font-weight:400;line-height:24px;mso-line-height-rule:exactly;color:#111827;text-align:left;"
    "word-break:break-word;border-collapse:collapse;vertical-align:top"
)
_TABLE = (
    '<table class="col" role="presentation" width="{width}" align="center" border="0" cellpadding="0" '
    'cellspacing="0"'
)
_ROW = f"""<!--[if mso | IE]><table align="center" border="0" cellpadding="0" cellspacing="0" width="600"
 style="width:600px"><tr><td style="line-height:0;font-size:0;mso-line-height-rule:exactly"><![endif]-->
<div style="margin:0 auto;max-width:600px;background:#ffffff;background-color:#ffffff;border-radius:8px">
{_TABLE.format(width="100%")} style="background:#ffffff;width:100%;border-radius:8px"><tbody><tr>
<td style="direction:ltr;font-size:0;padding:20px 0;text-align:center;vertical-align:top">
{_TABLE.format(width="536")} style="border-spacing:0;max-width:536px"><tbody><tr>
<td align="left" style="{_CELL}"><p style="margin:0 0 12px;padding:0;{_CELL}">Hello Ren\u00e9, this is part
 {{n}} of a mail such as shops and banks send; it has <b style="font-weight:600">bold words</b> and <a
 href="https://click.shop.example/ls/click?upn=u001.{{n}}AbCdEfGhIjKlMnOpQrStUvWxYz-2B0123456789&amp;utm_source=m"
 target="_blank" rel="noopener"
 style="color:#2563eb;text-decoration:underline;font-weight:500">a link</a>.</p></td>
<td style="width:40px;min-width:40px;font-size:0;line-height:0;padding:0"><img src="https://cdn.shop.example/i/{{n}}.png"
 alt="" width="24" height="24" border="0" style="display:block;width:24px;height:24px;border:0;outline:none"></td>
</tr></tbody></table></td></tr></tbody></table></div><!--[if mso | IE]></td></tr></table><![endif]-->
"""
_CODE = (
    '<p style="font-size:18px">Your verification code is</p>'
    '<p style="font-size:28px;letter-spacing:6px;color:#111827"><span>482</span> <span>913</span></p>'
)
_HOP = b"Received: from mx%d.example by mx.example with ESMTPS id %d;\r\n Tue, 1 Jul 2025 10:00:00 +0000\r\n"
KILOBYTES_27 = 27_000
LARGE = 256_000


def html_mail(size: int = KILOBYTES_27, to: str = "") -> bytes:
    """A multipart/alternative mail of about `size` bytes with the code 482 913; without `to` it has no To.

    Of 27 KB a person sees about 1,200 characters and 12 links: the rest is tables and styles.
    """
    rows, mail = 0, b""
    while len(mail) < size:
        page = _HEAD + _CODE + "".join(_ROW.format(n=n, size=13 + n % 5) for n in range(rows))
        mail = _enveloped(page + "</td></tr></table></body></html>", to)
        rows += 1 + rows // 20
    return mail


def _enveloped(page: str, to: str) -> bytes:
    html = binascii.b2a_qp(page.encode()).replace(b"\n", b"\r\n")
    received = b"".join(_HOP % (n, n) for n in range(6))
    return (
        received
        + b"From: =?utf-8?q?Ren=C3=A9_Shop?= <no-reply@shop.example>\r\n"
        + (b"To: %s\r\n" % to.encode() if to else b"")
        + b"Subject: =?utf-8?b?WW91ciBjb2RlIGlzIGhlcmU=?=\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_b1"\r\n\r\n--=_b1\r\nContent-Type: text/plain; '
        b"charset=utf-8\r\n\r\nYour verification code is 482 913.\r\n--=_b1\r\n"
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + html
        + b"\r\n--=_b1--\r\n"
    )
