"""Which keys a configuration may have, what each takes, and which one a misspelled key meant."""

import difflib
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from core.settings import Settings

Key = tuple[str, ...]
_ALIKE = 0.6


def known_keys(section: Key) -> list[str]:
    """The keys of a section, () for the sections themselves; none where a webhook's provider decides."""
    model = _model(section)
    return list(model.model_fields) if model else []


def leaves() -> list[Key]:
    """Every key of the fixed sections, as (section, key)."""
    return [(section, key) for section in known_keys(()) for key in known_keys((section,))]


def meant_by(key: Key) -> str:
    """The known key that an unknown one most likely meant, whole when it stands in another section; or ""."""
    here = nearest(key[-1], known_keys(key[:-1]))
    elsewhere = [".".join(leaf) for leaf in leaves() if leaf[-1] == key[-1]]
    return here or " or ".join(elsewhere)


def unknown(key: Key, meant: str) -> str:
    """What is wrong with an unknown key, for a person, and which one was meant."""
    if len(key) > 1 and key[-1] in known_keys(()):
        return f"stands under [{'.'.join(key[:-1])}]: move it to the top of the file, above every [table]"
    return f"is no known key; did you mean {meant}?" if meant else "is no known key"


def nearest(word: str, known: list[str]) -> str:
    """The known word that is most alike, or ""."""
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=_ALIKE)), "")


def field_of(key: Key) -> FieldInfo | None:
    """What is known of a key; None for an unknown one and for a webhook's own."""
    model = _model(key[:-1])
    return model.model_fields.get(key[-1]) if model else None


def takes_list(key: Key) -> bool:
    """Whether a key takes a list."""
    field = field_of(key)
    return field is not None and get_origin(field.annotation) is tuple


def takes_secret(key: Key) -> bool:
    """Whether a key takes a secret; of a webhook's own keys any may be one."""
    field = field_of(key)
    if field is None:
        return key[0] == "hooks"
    return SecretStr in (field.annotation, *get_args(field.annotation))


def _model(section: Key) -> type[BaseModel] | None:
    """The model of a section; a number in the path is a place in a list of tables."""
    model: type[BaseModel] | None = Settings
    for part in section:
        if model and not part.isdigit():
            model = _inner(model.model_fields[part].annotation) if part in model.model_fields else None
    return model


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The model in `Model` or `tuple[Model, ...]`."""
    found = get_args(annotation)[0] if get_origin(annotation) is tuple else annotation
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None
