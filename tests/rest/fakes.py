"""A server of two tiny products, and a caller who talks to it through ASGI without sockets."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypedDict
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cordboard.kernel.caller import Caller
from cordboard.kernel.chance import SeededChance
from cordboard.kernel.errors import Conflict, NotFound, PreconditionFailed, Unauthorized, Unavailable
from cordboard.kernel.pages import Page, Slice
from cordboard.kernel.settings import Settings
from cordboard.kernel.sids import Sids
from cordboard.rest.answers import Url
from cordboard.rest.app import RestApp, Runner
from cordboard.rest.forms import Form, Instant, JsonObject, PathValue
from cordboard.rest.idempotency import KeyedCall
from cordboard.rest.problems import Answer as Made
from cordboard.rest.requests import Message
from cordboard.rest.routes import Product, Route, Unbuilt, Urls

ACCOUNT = "AC" + "0" * 32
SECRET = "secret"
HERE = "127.0.0.1"
CHUNK = 65536
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class Task(msgspec.Struct, frozen=True):
    sid: str
    version: int
    priority: int
    attributes: str


class CreateTask(Form, frozen=True, kw_only=True):
    workspace_sid: PathValue
    priority: Annotated[int, Meta(ge=0, le=100)] = 0
    friendly_name: Name
    attributes: Annotated[JsonObject, Meta(max_length=4096)] = "{}"


class FetchTask(Form, frozen=True, kw_only=True):
    workspace_sid: PathValue
    sid: PathValue


class UpdateTask(FetchTask, frozen=True, kw_only=True):
    priority: Annotated[int, Meta(ge=0, le=100)] | UnsetType = UNSET
    if_match: int | None = None


class ListTasks(Form, frozen=True, kw_only=True):
    workspace_sid: PathValue
    status: list[Literal["pending", "reserved"]] = msgspec.field(default_factory=list)
    page: Page = Page()


class InWorkspace(Form, frozen=True, kw_only=True):
    workspace_sid: PathValue


class Nothing(Form, frozen=True, kw_only=True):
    pass


class Transfer(Form, frozen=True, kw_only=True):
    sid: PathValue
    worker: Name = msgspec.field(name="worker")


class Channel(msgspec.Struct, frozen=True):
    kind: Literal["web", "sms"]


class Invite(Form, frozen=True, kw_only=True):
    channel: Channel
    since: Instant | None = None


@dataclass
class World:
    """What stands behind the fake actions. ``opened`` lists the views and units that were opened."""

    tasks: dict[str, Task] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    seen: list[tuple[Caller, Form]] = field(default_factory=list)
    kept: dict[KeyedCall, Made] = field(default_factory=dict)
    running: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    def runner(self, kind: str) -> Runner:
        async def run(work: Callable[[Any], Awaitable[Any]]) -> object:
            self.opened.append(kind)
            return await work(self)

        return run


async def create_task(world: World, caller: Caller, form: CreateTask) -> Task:
    world.seen.append((caller, form))
    sid = f"WT{len(world.tasks):032x}"
    task = world.tasks[sid] = Task(sid=sid, version=0, priority=form.priority, attributes=form.attributes)
    return task


async def fetch_task(world: World, caller: Caller, form: FetchTask) -> Task:
    world.seen.append((caller, form))
    if form.sid not in world.tasks:
        raise NotFound
    return world.tasks[form.sid]


async def update_task(world: World, caller: Caller, form: UpdateTask) -> Task:
    task = await fetch_task(world, caller, form)
    if form.if_match not in {None, task.version}:
        message = f"The task has version {task.version}"
        raise PreconditionFailed(message)
    world.tasks[form.sid] = msgspec.structs.replace(task, version=task.version + 1)
    return world.tasks[form.sid]


async def delete_task(world: World, caller: Caller, form: FetchTask) -> None:
    await fetch_task(world, caller, form)
    del world.tasks[form.sid]


async def list_tasks(world: World, caller: Caller, form: ListTasks) -> Slice[Task]:
    world.seen.append((caller, form))
    sids, page = sorted(world.tasks), form.page
    if page.cursor is None:
        start = 0
    elif page.backwards:
        start = max(sids.index(str(page.cursor[0])) - page.size, 0)
    else:
        start = sids.index(str(page.cursor[0])) + 1
    found = sids[start : start + page.size]
    return Slice(
        items=[world.tasks[sid] for sid in found],
        before=(found[0],) if start else None,
        after=(found[-1],) if start + page.size < len(sids) else None,
    )


async def break_down(_world: World, _caller: Caller, _form: Nothing) -> None:
    message = "the secret plan"
    raise RuntimeError(message)


async def lose(_world: World, _caller: Caller, _form: Nothing) -> None:
    message = "Participant already exists"
    raise Conflict(message, code=50433)


async def be_busy(_world: World, _caller: Caller, _form: Nothing) -> None:
    message = "The disk is full"
    raise Unavailable(message)


async def take_long(world: World, _caller: Caller, _form: Nothing) -> str:
    world.running.set()
    await world.release.wait()
    return "done"


async def answer(_world: World, _caller: Caller, form: Form) -> Form:
    return form


class ShownTask(TypedDict):
    sid: str
    priority: int
    url: Url


def show_task(task: Task, urls: Urls) -> ShownTask:
    return {"sid": task.sid, "priority": task.priority, "url": f"{urls.base}/v1/Workspaces/WS1/Tasks/{task.sid}"}


def show(result: object, urls: Urls) -> dict[str, Any]:
    return {"result": msgspec.to_builtins(result), "base": urls.base}


def version_of(task: Task) -> int:
    return task.version


def named(name: str) -> Callable[[Any, Urls], dict[str, Any]]:
    return lambda _result, urls: {"product": name, "base": urls.base}


TASKS = "/v1/Workspaces/{WorkspaceSid}/Tasks"
TASKROUTER = Product(
    name="taskrouter",
    hosts=("taskrouter",),
    roots=("/v1/Workspaces",),
    routes=(
        Route("GET", TASKS, "ListTask", list_tasks, ListTasks, show_task, list_key="tasks"),
        Route("POST", TASKS, "CreateTask", create_task, CreateTask, show_task, 201, etag=version_of),
        Route("GET", f"{TASKS}/{{Sid}}", "FetchTask", fetch_task, FetchTask, show_task, etag=version_of),
        Route("POST", f"{TASKS}/{{Sid}}", "UpdateTask", update_task, UpdateTask, show_task, etag=version_of),
        Route("DELETE", f"{TASKS}/{{Sid}}", "DeleteTask", delete_task, FetchTask),
        Route("GET", f"{TASKS}/Statistics", "FetchStatistics", answer, InWorkspace, named("statistics")),
        Route("POST", f"{TASKS}/Statistics", "BulkStatistics", answer, InWorkspace, show, permission="read"),
        Route("GET", f"{TASKS}/{{Sid}}/Notes", "ListNote", fetch_task, FetchTask, show_task),
        Unbuilt("POST", f"{TASKS}/{{Sid}}/Notes", "CreateNote"),
        Route("GET", "/v1/Configuration", "FetchConfiguration", answer, Nothing, named("taskrouter")),
    ),
)
FLEX = Product(
    name="flex-api",
    hosts=("flex-api",),
    roots=("/v1/Interactions", "/v1/Broken"),
    routes=(
        Route("GET", "/v1/Configuration", "FetchConfiguration", answer, Nothing, named("flex-api")),
        Route("POST", "/v1/Broken/Bug", "Break", break_down, Nothing),
        Route("POST", "/v1/Broken/Race", "Lose", lose, Nothing),
        Route("POST", "/v1/Broken/Disk", "Fill", be_busy, Nothing),
        Route("POST", "/v1/Broken/Slow", "Wait", take_long, Nothing, show),
        Route("POST", "/v1/Interactions", "Invite", answer, Invite, show, 201),
        Route("POST", "/v1/Interactions/{Sid}", "Transfer", answer, Transfer, show, 201, max_body=100, body="json"),
    ),
)


async def once(world: World, call: KeyedCall, make: Callable[[], Awaitable[Made]]) -> Made:
    """Keeps answers by everything that is told of a call; the true one looks for the key."""
    if call not in world.kept:
        status, headers, body = await make()
        world.kept[call] = status, [*headers], body
    status, headers, body = world.kept[call]
    return status, [*headers], body


class Accounts:
    async def authenticate(self, username: str, password: str) -> Caller:
        if (username, password) != (ACCOUNT, SECRET):
            message = "Authentication Error - invalid username"
            raise Unauthorized(message)
        return Caller(account_sid=ACCOUNT)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class FrozenClock:
    at = 1_700_000_000_000

    def now(self) -> int:
        return self.at

    async def wait_until(self, due_at: int) -> None:
        raise NotImplementedError(due_at)


class Server:
    """The fake products behind a RestApp."""

    def __init__(self, settings: Settings | None = None, products: tuple[Product, ...] = (TASKROUTER, FLEX)) -> None:
        self.world = World()
        self.clock = FrozenClock()
        sids = Sids(self.clock, SeededChance(1))
        runners = self.world.runner("view"), self.world.runner("unit")
        self.app = RestApp(products, *runners, once, Accounts(), settings or Settings(), sids, clock=self.clock)

    def call(
        self, verb: str, url: str, form: Any = None, *, client: str = HERE, chunk: int = CHUNK, **headers: str | None
    ) -> Answer:
        """One call of the API; see ``send``."""
        return asyncio.run(self.send(verb, url, form, client=client, chunk=chunk, **headers))

    async def send(
        self, verb: str, url: str, form: Any = None, *, client: str = HERE, chunk: int = CHUNK, **headers: str | None
    ) -> Answer:
        """One call of the API. ``headers`` in snake_case; None leaves a usual one out. ``form`` may be bytes."""
        body = form if isinstance(form, bytes) else urlencode(form or {}, doseq=True).encode()
        usual: dict[str, str | None] = {
            "host": "localhost:8000",
            "authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{SECRET}".encode()).decode(),
            "accept": "application/json",
            "content-type": "application/x-www-form-urlencoded",
            "content-length": str(len(body)),
        }
        usual |= {name.replace("_", "-"): value for name, value in headers.items()}
        path, _, query = url.partition("?")
        scope = {
            "type": "http",
            "method": verb,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "client": (client, 4000),
            "headers": [(name.encode(), value.encode()) for name, value in usual.items() if value is not None],
        }
        chunks = [body[start : start + chunk] for start in range(0, len(body), chunk)] or [b""]
        incoming: list[Message] = [
            {"type": "http.request", "body": part, "more_body": number < len(chunks)}
            for number, part in enumerate(chunks, 1)
        ]
        outgoing: list[Message] = []

        async def receive() -> Message:
            return incoming.pop(0)

        async def send(message: Message) -> None:
            outgoing.append(message)

        await self.app(scope, receive, send)
        start, end = outgoing
        names = [name.decode() for name, _ in start["headers"]]
        assert len(set(names)) == len(names), "a header is sent twice"
        return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, end["body"])
