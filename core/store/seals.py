"""Which keys sealed values of this database, and whether they are here.

For each key there is one row: the look-up key, sealed by it. So a wrong key is seen before anything is read,
and hashes stay the same when keys rotate.
"""

import secrets

from sqlalchemy import Column, Connection, Engine, String, Table, delete, select

from core.errors import ConfigurationError
from core.secrets import Keyring, UnsealableError
from core.store.columns import Words, metadata
from core.store.engine import lock

seals = Table(
    "seals",
    metadata,
    Column("key_id", String(8), primary_key=True),
    Column("look_up", Words, nullable=False, server_default=""),  # the key of hashes, sealed by that key
)
_PLACE = ("seals", "look_up")


def sealing_keys(connection: Connection) -> list[str]:
    """Ids of the keys that sealed values here; none for a new database."""
    return list(connection.execute(select(seals.c.key_id).order_by(seals.c.key_id)).scalars())


def unlock(engine: Engine, keyring: Keyring) -> None:
    """Give the keyring the look-up key of this database, which is made at the first time, and note its first key.

    Raises ConfigurationError that names a key that sealed values here and is not on the keyring.
    """
    with engine.begin() as connection:
        lock(connection, "seals")
        rows = {row.key_id: row.look_up for row in connection.execute(select(seals))}
        opened = [_open(keyring, key_id, look_up) for key_id, look_up in rows.items()]
        keyring.look_up = bytes.fromhex(next(iter(opened), secrets.token_hex(32)))
        if keyring.current not in rows:
            add_key(connection, keyring)


def add_key(connection: Connection, keyring: Keyring) -> None:
    """Note that values are sealed by the keyring's first key from now on."""
    sealed = keyring.seal(keyring.look_up.hex(), *_PLACE, keyring.current)
    connection.execute(seals.insert().values(key_id=keyring.current, look_up=sealed))


def drop_keys(connection: Connection, keyring: Keyring) -> None:
    """Note that nothing is sealed by any other than the keyring's first key."""
    connection.execute(delete(seals).where(seals.c.key_id != keyring.current))


def _open(keyring: Keyring, key_id: str, look_up: str) -> str:
    try:
        return keyring.open(look_up, *_PLACE, key_id)
    except UnsealableError as error:
        here = ", ".join(keyring.ids)
        raise ConfigurationError(
            [f"encryption.key: values in the database were sealed with key {key_id}; the keys here are {here}"]
        ) from error
