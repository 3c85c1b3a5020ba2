"""The JSON API: one file a subject, each a Flask blueprint."""

from gateway.web.api.claims import claims
from gateway.web.api.codes import codes
from gateway.web.api.events import events
from gateway.web.api.identifiers import identifiers
from gateway.web.api.keys import keys
from gateway.web.api.mailboxes import mailboxes
from gateway.web.api.messages import messages
from gateway.web.api.rotations import rotations
from gateway.web.api.skyvern import pull_addresses, skyvern
from gateway.web.api.totp import totp
from gateway.web.api.webhooks import deliveries, webhooks

BLUEPRINTS = (
    codes,
    claims,
    messages,
    identifiers,
    keys,
    totp,
    mailboxes,
    events,
    rotations,
    webhooks,
    deliveries,
    pull_addresses,
    skyvern,
)
