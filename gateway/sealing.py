"""Where the keys come from that seal values in the database."""

from pathlib import Path

from core import journal
from core.errors import ConfigurationError
from core.secrets import Key, new_key, parse_keys, read_keys, write_keys
from core.settings import Settings
from core.store import keys_needed

KEY_FILE = "encryption.key"


def key_file(settings: Settings) -> Path | None:
    """The file of the keys, None where they are configured."""
    configured = bool(settings.encryption.key.get_secret_value())
    return None if configured else settings.server.data_dir / KEY_FILE


def sealing_keys(settings: Settings, url: str) -> list[Key]:
    """The configured keys, or those in the data folder, where a new database gets one on its first start.

    Raises ConfigurationError when values were sealed already and there is no key.
    """
    file = key_file(settings)
    if file is None:
        return parse_keys(settings.encryption.key.get_secret_value())
    if file.exists():
        return read_keys(file)
    needed = keys_needed(url)
    if needed:
        fault = f"encryption.key: values in the database were sealed with key {', '.join(needed)}"
        raise ConfigurationError([f"{fault}: set it or put it into {file}; without it they cannot be read"])
    key = new_key()
    write_keys(file, [key])
    journal.encryption_key_made(file=str(file), key_id=key.id)
    return [key]
