"""The SMTP door: a hardened aiosmtpd listener that knows nothing of stores.

listener.py      SmtpListener: starts, counts and drains sessions
sockets.py       bind: the listening sockets
limits.py        SmtpSettings: every bound, with its default
door.py          SmtpDoor: what the listener asks of the rest of the gateway
patience.py      Patience: how much a peer may ask for without sending a mail
port.py          Port: what is special about one port: implicit TLS, load balancers
proxy.py         the header by which a load balancer names the client
certificate.py   Certificate: read again when it changes on disk
events.py        SmtpEvents: what it tells the journal
crowd.py         Crowd: who is connected, who must make room
conversation.py  Conversation: reads commands, bounds and ends a connection
security.py      SecureConversation: STARTTLS, implicit TLS and AUTH
session.py       SmtpSession: EHLO, MAIL, RCPT, DATA and the rest
wire.py          Wire: bytes received and not yet read
maildata.py      MailData: one DATA transfer, in bulk and bounded
paths.py         addresses and parameters of MAIL and RCPT
replies.py       errors as SMTP answers
"""

from gateway.certificate import Certificate
from gateway.smtp.door import Login, SmtpDoor
from gateway.smtp.events import Refusal, SmtpEvents
from gateway.smtp.limits import SmtpSettings
from gateway.smtp.listener import SmtpListener
from gateway.smtp.port import Port
from gateway.smtp.sockets import bind

__all__ = [
    "Certificate",
    "Login",
    "Port",
    "Refusal",
    "SmtpDoor",
    "SmtpEvents",
    "SmtpListener",
    "SmtpSettings",
    "bind",
]
