"""The tables of what comes in and goes out; others stand beside their verbs. A change needs a migration."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from core.store.columns import Instant, Words, metadata


def _text(name: str) -> Column[str]:
    return Column(name, Words, nullable=False, server_default="")


KEPT = {
    "messages": text("(subject <> '' OR text <> '' OR value <> '' OR candidates <> '' OR headers <> '')"),
    "codes": text("value <> ''"),
}
"""Rows whose values are still there, in the words of an index: forgetting never looks at the others again."""


messages = Table(
    "messages",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("mark", String(64), nullable=False, unique=True),  # hash of message and identifier: once only
    _text("trace_id"),
    _text("door"),
    _text("channel"),
    _text("identifier"),
    _text("identity_source"),
    _text("identity_evidence"),
    _text("sender"),
    _text("sender_name"),
    _text("sender_domain"),
    _text("subject"),
    _text("text"),
    _text("route"),
    _text("author"),
    _text("evidence"),
    _text("kind"),
    _text("value"),
    Column("confidence", Float, nullable=False),
    _text("reason"),
    _text("verdict"),
    _text("candidates"),
    _text("headers"),
    _text("alternative"),
    _text("source"),
    _text("run_id"),
    _text("workflow_id"),
    _text("task_id"),
    Column("received_at", Instant, nullable=False),
    Column("size", Integer, nullable=False),
    Index(None, "identifier", "received_at"),
    Index(None, "received_at"),
)

Index("ix_messages_kept", messages.c.received_at, sqlite_where=KEPT["messages"], postgresql_where=KEPT["messages"])

marks = Table(
    "marks",
    metadata,
    Column("mark", String(64), primary_key=True),  # of a forgotten message: it adds nothing when it comes again
    Column("received_at", Instant, nullable=False, index=True),
)

codes = Table(
    "codes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("message_id", String(40), ForeignKey("messages.id", ondelete="CASCADE"), nullable=True, index=True),
    _text("identifier"),
    _text("kind"),
    _text("value"),
    Column("alternate", Boolean, nullable=False),
    _text("channel"),
    _text("sender"),
    _text("sender_domain"),
    _text("bound_host"),
    _text("subject"),
    _text("link_host"),
    Column("host_expected", Boolean, nullable=False),
    _text("route"),
    _text("author"),
    _text("evidence"),
    Column("confidence", Float, nullable=False),
    Column("contradicts", Boolean, nullable=False),
    _text("source"),
    _text("run_id"),
    _text("workflow_id"),
    _text("task_id"),
    Column("received_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    _text("claim_id"),
    _text("holder"),
    Column("lease_until", Instant, nullable=True),
    Index(None, "identifier", "received_at"),
    Index("ix_codes_identifier_expires_at", "identifier", "expires_at"),
    Index(None, "received_at"),
)

Index("ix_codes_kept", codes.c.received_at, sqlite_where=KEPT["codes"], postgresql_where=KEPT["codes"])

claims = Table(
    "claims",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("code_id", String(40), ForeignKey("codes.id", ondelete="CASCADE"), nullable=False, index=True),
    _text("identifier"),
    _text("run_id"),
    _text("ask"),
    Column("after", Instant, nullable=False),
    Column("code_received_at", Instant, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    _text("outcome"),
    Index(None, "identifier", "run_id"),
)

turns = Table(
    "turns",
    metadata,
    Column("identifier", Words, primary_key=True),
    Column("sender", Words, primary_key=True),  # what was asked for; "" for any
    _text("run_id"),
    Column("ends_at", Instant, nullable=False, index=True),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(16), primary_key=True),
    _text("name"),
    Column("digest", String(64), nullable=False),
    _text("scopes"),
    _text("only"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=True),
    Column("revoked_at", Instant, nullable=True),
)

identifiers = Table(
    "identifiers",
    metadata,
    Column("identifier", String(320), primary_key=True),
    Column("secret_address", String(64), nullable=False, unique=True),
    _text("senders"),
    _text("link_hosts"),
    _text("min_trust"),
    Column("created_at", Instant, nullable=False),
)

aliases = Table(
    "aliases",
    metadata,
    Column("alias", String(320), primary_key=True),
    Column(
        "identifier",
        String(320),
        ForeignKey("identifiers.identifier", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
)

showings = Table(
    "showings",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    _text("action"),
    _text("result"),
    _text("key_id"),
    _text("identifier"),
    _text("code_id"),
    _text("message_id"),
    _text("run_id"),
    _text("address"),
    Index(None, "message_id"),
)

totp = Table(
    "totp",
    metadata,
    Column("id", String(40), primary_key=True),
    _text("identifier"),
    _text("issuer"),
    _text("issuer_key"),  # the issuer whatever its case
    _text("account"),
    _text("seed"),
    _text("method"),
    _text("hash"),
    Column("digits", Integer, nullable=False),
    Column("period", Integer, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("identifier", "issuer_key"),
)

parts = Table(
    "parts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("whole", String(32), nullable=False, index=True),  # hash of what the parts of one SMS have in common
    _text("door"),
    _text("sender"),
    _text("recipient"),
    _text("reference"),
    Column("number", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    _text("external_id"),
    _text("text"),
    Column("received_at", Instant, nullable=False, index=True),
)

nonces = Table(
    "nonces",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the nonce
    Column("content", String(64), nullable=False),  # digest of what it came with
    Column("ends_at", Instant, nullable=False, index=True),
)

pulls = Table(
    "pulls",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the token; the token itself is in its address only
    _text("identifier"),
    _text("kinds"),
    _text("senders"),
    _text("link_hosts"),
    _text("issuer"),
    _text("key_id"),
    Column("created_at", Instant, nullable=False),
)
