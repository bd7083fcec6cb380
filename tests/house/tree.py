"""The files of the repository, as the rules of the house see them."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "cordboard"
_NOT_OURS = {"node_modules", "__pycache__", "dist"}
_HIDDEN_BUT_OURS = {".ci", ".gitignore", ".importlinter", ".npmrc"}


def files(folder: Path = ROOT, pattern: str = "*") -> Iterator[Path]:
    """Files under ``folder``, without environments, caches and other hidden things that git ignores."""
    for path in sorted(folder.iterdir()):
        if path.name in _NOT_OURS or (path.name.startswith(".") and path.name not in _HIDDEN_BUT_OURS):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from files(path, pattern)
        elif path.match(pattern):
            yield path


def shown(path: Path) -> str:
    """The path as a person would type it."""
    return path.relative_to(ROOT).as_posix()
