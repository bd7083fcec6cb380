"""Tokens that somebody made up: none gets in, none is a fault of the server, and each is told what is wrong by the vendor's code."""

import base64
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.accounts.minting import forged, now

HEADER = {"typ": "JWT", "alg": "HS256", "cty": "twilio-fpa;v=1"}
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PUBLIC = _RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Good(NamedTuple):
    """What a good token is made of."""

    secret: str
    claims: dict[str, Any]
    auth_token: str
    capability: dict[str, Any]


class Server(NamedTuple):
    cordboard: Cordboard
    good: Good

    def answer(self, text: str) -> tuple[int, int]:
        answers = [
            self.cordboard.http.get("/taskrouter/v1/Workspaces", auth=("token", text)),
            self.cordboard.http.get(
                "/taskrouter/v1/Workspaces", auth=None, headers={"authorization": f"Bearer {text}"}
            ),
        ]
        (told,) = {(answer.status, answer.json["code"]) for answer in answers if text.isascii() or answer is answers[0]}
        return told


@pytest.fixture(scope="module")
def server(cordboard_workbench: Workbench) -> Iterator[Server]:
    with cordboard_workbench.cordboard(seed=1) as cordboard:
        key = cordboard.client.api.v2010.account.new_keys.create()
        at = now(cordboard)
        times = {"nbf": at, "exp": at + 3600}
        claims = {"jti": f"{key.sid}-{at}", "iss": key.sid, "sub": cordboard.account_sid, "grants": {}, **times}
        capability = {
            "iss": cordboard.account_sid,
            "account_sid": cordboard.account_sid,
            "workspace_sid": f"WS{'0' * 32}",
            "channel": f"WK{'0' * 32}",
            "worker_sid": f"WK{'0' * 32}",
            "version": "v1",
            "policies": [],
            **times,
        }
        yield Server(cordboard, Good(key.secret, claims, cordboard.auth_token, capability))


def token(header: dict[str, Any] | None = None, **claims: Any) -> Callable[[Good], str]:
    """A good token but for this; a claim that is None is left out."""

    def make(good: Good) -> str:
        said = {name: value for name, value in {**good.claims, **claims}.items() if value is not None}
        return forged({**HEADER, **(header or {})}, said, good.secret)

    return make


def capability(header: dict[str, Any] | None = None, **claims: Any) -> Callable[[Good], str]:
    def make(good: Good) -> str:
        said = {name: value for name, value in {**good.capability, **claims}.items() if value is not None}
        return forged({"typ": "JWT", "alg": "HS256", **(header or {})}, said, good.auth_token)

    return make


def tampered(good: Good) -> str:
    """The claims of a good token changed under its signature."""
    head, _, signature = token()(good).split(".")
    other = token(grants={"identity": "eve"})(good).split(".")[1]
    return f"{head}.{other}.{signature}"


def without_signature(good: Good) -> str:
    return token({"alg": "none"})(good).rpartition(".")[0] + "."


def saying(claims: bytes) -> Callable[[Good], str]:
    """A good header over these bytes."""
    return lambda good: f"{token()(good).partition('.')[0]}.{segment(claims)}.e30"


def under(header: bytes) -> Callable[[Good], str]:
    """These bytes over good claims."""
    return lambda good: f"{segment(header)}.{token()(good).partition('.')[2]}"


def segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def of_rsa(good: Good) -> str:
    return jwt.encode(good.claims, _RSA, algorithm="RS256", headers={"cty": HEADER["cty"]})


def of_public_key(good: Good) -> str:
    """RS256 in the header, HMAC with the public key underneath: what fools a verifier that lets the token choose."""
    return forged({**HEADER, "alg": "RS256"}, good.claims, _PUBLIC)


def with_other_digest(good: Good) -> str:
    return jwt.encode(good.claims, good.secret * 2, algorithm="HS512", headers={"cty": HEADER["cty"]})


TRICKS: dict[str, tuple[Callable[[Good], str], int]] = {
    "empty": (lambda _: "", 20101),
    "no token at all": (lambda _: "token", 20101),
    "two parts": (lambda good: token()(good).rpartition(".")[0], 20101),
    "four parts": (lambda good: f"{token()(good)}.e30", 20101),
    "five parts, as encrypted": (lambda _: "e30.e30.e30.e30.e30", 20101),
    "no base64": (lambda good: f"!!!.{token()(good)}", 20101),
    "no JSON in the header": (under(b"x"), 20101),
    "a list for a header": (under(b"[]"), 20101),
    "a header nested 3000 deep": (under(b"[" * 3000), 20101),
    "claims nested 3000 deep": (saying(b"[" * 3000), 20101),
    "a list for claims": (saying(b"[]"), 20101),
    "not a number in the claims": (saying(b'{"exp":NaN}'), 20101),
    "claims that are not UTF-8": (saying(b"\xff"), 20101),
    "half a character in the claims": (saying(b'{"iss":"\\ud800"}'), 20101),
    "a NUL in the identity": (token(grants={"identity": "a\0b"}), 20101),
    "too long": (token(grants={"identity": "x" * 6500}), 20101),
    "no algorithm": (without_signature, 20102),
    "no algorithm, in capitals": (token({"alg": "NONE"}), 20102),
    "no algorithm, but signed": (token({"alg": "none"}), 20102),
    "an empty algorithm": (token({"alg": ""}), 20102),
    "a number for an algorithm": (token({"alg": 256}), 20102),
    "HS256 in lower case": (token({"alg": "hs256"}), 20102),
    "RS256": (of_rsa, 20102),
    "RS256 with the public key for a secret": (of_public_key, 20102),
    "HS512": (with_other_digest, 20102),
    "another content": (token({"cty": "twilio-fpa;v=2"}), 20102),
    "a list for a content": (token({"cty": ["twilio-fpa;v=1"]}), 20102),
    "no content": (lambda good: forged({"typ": "JWT", "alg": "HS256"}, good.claims, good.secret), 20102),
    "another type": (token({"typ": "JWE"}), 20102),
    "an extension that must be known": (token({"crit": ["exp"]}), 20101),
    "claims apart from the token": (token({"crit": ["b64"], "b64": False}), 20101),
    "an unknown key in the header": (token({"kid": f"SK{'9' * 32}"}), 20102),
    "a path for a key": (token({"kid": "../../dev/null"}), 20102),
    "a list for a key": (token({"kid": ["SK"]}), 20101),
    "no issuer": (token(iss=None), 20103),
    "an account for an issuer": (token(iss=f"AC{'0' * 32}"), 20103),
    "an unknown key": (token(iss=f"SK{'9' * 32}"), 20103),
    "SQL for an issuer": (token(iss="SK' OR '1'='1"), 20103),
    "an object for an issuer": (token(iss={"sid": "SK"}), 20103),
    "no subject": (token(sub=None), 20103),
    "a key for a subject": (token(sub=f"SK{'0' * 32}"), 20103),
    "no end": (token(exp=None), 20104),
    "an end in words": (token(exp="tomorrow"), 20104),
    "a half second": (token(exp=1.5), 20104),
    "an end beyond the calendar": (token(exp=2**70), 20104),
    "an end before 1970": (token(exp=-1), 20104),
    "a true end": (token(exp=True), 20104),
    "a beginning in words": (token(nbf="now"), 20104),
    "a time of making in the future": (token(nbf=None, iat=4_000_000_000), 20105),
    "years to go": (token(exp=4_000_000_000), 20157),
    "a beginning long ago, for a longer life": (token(nbf=0), 20157),
    "no grants": (token(grants=None), 20106),
    "a list of grants": (token(grants=["chat"]), 20106),
    "a grant in words": (token(grants={"chat": "IS"}), 20106),
    "a number for an identity": (token(grants={"identity": 7}), 20106),
    "an empty identity": (token(grants={"identity": ""}), 20106),
    "an identity of 257 characters": (token(grants={"identity": "x" * 257}), 20106),
    "changed claims": (tampered, 20107),
    "signed with nothing": (lambda good: forged(HEADER, good.claims), 20107),
    "signed with the auth token": (lambda good: forged(HEADER, good.claims, good.auth_token), 20107),
    "signed with the SID of the key": (lambda good: forged(HEADER, good.claims, good.claims["iss"]), 20107),
    "no signature": (lambda good: token()(good).rpartition(".")[0] + ".", 20107),
    "half a signature": (lambda good: token()(good)[:-23], 20107),
    "a capability token signed with a key's secret": (
        lambda good: forged({"typ": "JWT", "alg": "HS256"}, good.capability, good.secret),
        20107,
    ),
    "a capability token that calls itself an access token": (capability({"cty": "twilio-fpa;v=1"}), 20103),
    "a capability token of two accounts": (capability(account_sid=f"AC{'9' * 32}"), 20103),
    "a capability token of an unknown account": (
        capability(iss=f"AC{'9' * 32}", account_sid=f"AC{'9' * 32}"),
        20103,
    ),
    "a capability token that ended": (capability(exp=1), 20104),
    "a capability token of tomorrow": (capability(nbf=4_000_000_000), 20105),
    "a capability token without a workspace": (capability(workspace_sid=None), 20106),
    "policies in words": (capability(policies="all"), 20106),
    "a policy without a URL": (capability(policies=[{"method": "GET", "allow": True}]), 20106),
    "a filter in words": (capability(policies=[{"url": "https://x", "post_filter": "all"}]), 20106),
}


def test_the_good_ones_are_let_in_and_may_nothing_here(server: Server) -> None:
    assert server.answer(token()(server.good)) == (403, 20403)
    assert server.answer(token({"kid": server.good.claims["iss"], "twr": "ie1"})(server.good)) == (403, 20403)
    assert server.answer(capability()(server.good)) == (403, 20403)


@pytest.mark.parametrize("name", TRICKS)
def test_a_made_up_token_is_refused_with_the_code_of_what_is_wrong(server: Server, name: str) -> None:
    make, code = TRICKS[name]
    assert server.answer(make(server.good)) == (401, code)


@pytest.mark.parametrize("value", ["Bearer", "Bearer é", f"Bearer {'x' * 20000}", "Basic dG9rZW4=", "Token abc"])
def test_a_header_that_holds_no_token_is_refused(server: Server, value: str) -> None:
    answer = server.cordboard.http.get("/taskrouter/v1/Workspaces", auth=None, headers={"authorization": value})
    assert (answer.status, answer.json["code"]) in {(401, 20003), (401, 20101)}


def test_a_token_is_a_password_of_nobody_else(server: Server) -> None:
    good = token()(server.good)
    for username in ("Token", "", server.cordboard.account_sid, server.good.claims["iss"]):
        answer = server.cordboard.http.get("/taskrouter/v1/Workspaces", auth=(username, good))
        assert (answer.status, answer.json["code"]) == (401, 20003)
