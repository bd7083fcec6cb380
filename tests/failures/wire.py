"""A wire between a server and its PostgreSQL that can be cut while an answer is on its way back."""

import asyncio
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from cordboard.testkit.loop import LoopThread

_SOCKET = ".s.PGSQL.5432"


class Wire:
    """Hands bytes on between two sockets. ``folder`` is what the server is told in place of PostgreSQL's own."""

    def __init__(self, behind: Path) -> None:
        self._behind = behind / _SOCKET
        self._directory = tempfile.TemporaryDirectory(prefix="wire-", dir="/tmp")
        self.folder = Path(self._directory.name)
        self._loop = LoopThread()
        self._links: set[asyncio.Task[None]] = set()
        self._swallowing: bytes | None = None
        self._altered: tuple[bytes, bytes] | None = None
        self.swallowed = 0

    def __enter__(self) -> Self:
        self._loop.__enter__()
        self._server = self._loop.call(asyncio.start_unix_server(self._link, self.folder / _SOCKET))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._loop.call(self._end())
        self._loop.__exit__(kind, error, where)
        self._directory.cleanup()

    def swallow_next(self, statement: bytes) -> None:
        """Let the next query with these bytes through, and cut its connection in place of its answer."""
        self._swallowing = statement

    def alter(self, sent: bytes, put: bytes) -> None:
        """Put these bytes in place of those, as many, in what the server sends."""
        assert len(sent) == len(put)
        self._altered = sent, put

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._behind)
        last = asyncio.Event()

        async def forth() -> None:
            while chunk := await reader.read(65536):
                if self._swallowing is not None and self._swallowing in chunk:
                    self._swallowing = None
                    last.set()
                there_writer.write(chunk.replace(*self._altered) if self._altered else chunk)

        async def back() -> None:
            while chunk := await there_reader.read(65536):
                if last.is_set():
                    self.swallowed += 1
                    return
                writer.write(chunk)

        both = [asyncio.create_task(forth()), asyncio.create_task(back())]
        self._links.update(both)
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
                self._links.discard(task)
            writer.close()
            there_writer.close()

    async def _end(self) -> None:
        self._server.close()
        for task in list(self._links):
            task.cancel()
        await asyncio.sleep(0)
