"""Settings: flags before ``CORDBOARD_*`` before a TOML file before defaults; read once, then frozen."""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec

DEVELOPMENT_KEY_FILE = "cordboard.key"


_DURATION = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_UNIT_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Mode(StrEnum):
    """*development*: for one's own machine; *production*: for everybody else's (design D11)."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    """The least that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """*auto*: JSON in production, text in development."""

    AUTO = "auto"
    JSON = "json"
    TEXT = "text"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set, as ``CORDBOARD_<FIELD>``, as a key of the file, and as a flag of ``cordboard serve``.

    ``auth_token`` and ``secret_key`` are no flags: everybody on the machine can read those.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8000
    database: str = "sqlite:///cordboard.db"
    public_url: str = ""
    mode: Mode = Mode.DEVELOPMENT
    account_sid: str = ""
    auth_token: str = ""
    secret_key: str = ""
    hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    seed: str = ""
    allow_data_loss: bool = False
    log_format: LogFormat = LogFormat.AUTO
    log_level: LogLevel = LogLevel.INFO
    traces: bool = False
    keep_conversations: str = ""
    keep_deliveries: str = ""
    keep_events: str = ""
    keep_interactions: str = ""
    keep_statistics: str = ""
    keep_tasks: str = ""
    webhook_allow: tuple[str, ...] = ()
    webhook_ports: tuple[str, ...] = ("80", "443", "1024-65535")
    webhook_schemes: tuple[str, ...] = ("http", "https")


class BadSettings(Exception):
    """A setting that cannot be used; the sentence names it and says what it takes."""


def read_settings(flags: Mapping[str, Any], environment: Mapping[str, str], file: Path | None) -> Settings:
    """Merge the three sources. ``flags`` holds only what was given. Raises BadSettings."""
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values |= tomllib.loads(file.read_text())
        except (OSError, tomllib.TOMLDecodeError) as error:
            message = f"the settings file {file} cannot be read: {error}"
            raise BadSettings(message) from error
    for field in Settings.__struct_fields__:
        if (text := environment.get(f"CORDBOARD_{field.upper()}")) is not None:
            is_list = isinstance(getattr(Settings(), field), tuple)
            values[field] = [part.strip() for part in text.split(",") if part.strip()] if is_list else text
    values |= {name: value for name, value in flags.items() if value is not None}
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        message = f"a setting is wrong: {error}"
        raise BadSettings(message) from error


def duration(name: str, text: str) -> int:
    """Milliseconds of a setting such as ``30d``. Raises BadSettings."""
    found = _DURATION.fullmatch(text)
    if found is None:
        message = (
            f"CORDBOARD_{name.upper()} takes a whole number with s, m, h or d behind it, such as 30d, not {text!r}"
        )
        raise BadSettings(message)
    return int(found[1]) * _UNIT_MS[found[2]]
