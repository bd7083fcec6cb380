"""What must hold before anything is opened. Each refusal is one sentence for the person who starts the server."""

import ipaddress
import os
from pathlib import Path

from cordboard.kernel.chance import Chance
from cordboard.kernel.keyring import Keyring, new_key, parse_keys
from cordboard.kernel.settings import DEVELOPMENT_KEY_FILE, BadSettings, Mode, Settings
from cordboard.kernel.sids import is_sid
from cordboard.rest.hosts import Names
from cordboard.webhooks.destinations import Policy

from .retention import Retention

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")


class CannotStart(Exception):
    """The server does not start; the message is the sentence that says why and what to do."""


def check(settings: Settings) -> None:
    """Raise CannotStart for settings that do not go together (design D10, D11)."""
    check_database(settings)
    if settings.account_sid and not is_sid(settings.account_sid, "AC"):
        message = "CORDBOARD_ACCOUNT_SID takes AC and 32 hex digits"
        raise CannotStart(message)
    token = settings.auth_token
    if token and not (token.isascii() and token.isalnum()):
        message = "CORDBOARD_AUTH_TOKEN takes letters and digits only: official clients refuse others"
        raise CannotStart(message)
    if settings.mode is Mode.PRODUCTION:
        if not settings.secret_key:
            message = "production mode needs CORDBOARD_SECRET_KEY: 32 random bytes in base64 (openssl rand -base64 32)"
            raise CannotStart(message)
        if not token:
            message = "production mode needs CORDBOARD_AUTH_TOKEN: the first account's token, letters and digits only"
            raise CannotStart(message)
    elif not token and not is_loopback(settings.host):
        message = (
            f"--host {settings.host} can be reached by others: give a CORDBOARD_AUTH_TOKEN of your own, "
            "or listen on 127.0.0.1"
        )
        raise CannotStart(message)
    try:
        Names(settings)
        Retention(settings)
        Policy.of(settings)
    except BadSettings as error:
        raise CannotStart(str(error)) from error


def check_database(settings: Settings) -> None:
    """Raise CannotStart for a database of no kind that is known."""
    if not settings.database.startswith((SQLITE, *POSTGRES)) or settings.database == SQLITE:
        message = f"CORDBOARD_DATABASE takes sqlite:///FILE or postgresql://..., not {settings.database!r}"
        raise CannotStart(message)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def database_file(settings: Settings) -> Path | None:
    """The SQLite file, None for PostgreSQL. ``sqlite:////srv/x.db`` is absolute, as in SQLAlchemy's URLs."""
    if not settings.database.startswith(SQLITE):
        return None
    return Path(settings.database.removeprefix(SQLITE))


def keyring(settings: Settings, chance: Chance) -> Keyring:
    """The keys of ``CORDBOARD_SECRET_KEY``; in development mode, without one, of a file beside the database, made if need be."""
    text = settings.secret_key or _development_key(settings, chance)
    try:
        return Keyring(parse_keys(text), chance)
    except ValueError as error:
        raise CannotStart(str(error)) from error


def key_file(settings: Settings) -> Path:
    """Where development mode keeps the key that it makes."""
    database = database_file(settings)
    return (database.parent if database is not None else Path()) / DEVELOPMENT_KEY_FILE


def known_keyring(settings: Settings, chance: Chance) -> Keyring | None:
    """As ``keyring``, but no key is made: None where there is none yet. Raises CannotStart."""
    has_key = settings.secret_key or (settings.mode is Mode.DEVELOPMENT and key_file(settings).exists())
    return keyring(settings, chance) if has_key else None


def _development_key(settings: Settings, chance: Chance) -> str:
    file = key_file(settings)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    except OSError as error:
        message = f"the key file {file} cannot be made: {error.strerror}"
        raise CannotStart(message) from error
    key = new_key(chance)
    with os.fdopen(handle, "w") as made:
        made.write(key + "\n")
    return key
