import base64

import pytest

from cordboard.kernel.chance import SystemChance
from cordboard.kernel.keyring import Keyring, WrongKey, new_key, parse_keys

OLD, NEW = bytes(range(32)), bytes(32)


def test_a_sealed_secret_opens_and_does_not_show() -> None:
    keyring = Keyring([OLD], SystemChance())
    sealed = keyring.seal("the secret")
    assert keyring.open(sealed) == "the secret"
    assert "secret" not in sealed
    assert keyring.seal("the secret") != sealed


def test_the_first_key_seals_and_every_key_opens() -> None:
    sealed_before = Keyring([OLD], SystemChance()).seal("the secret")
    rotated = Keyring([NEW, OLD], SystemChance())
    assert rotated.open(sealed_before) == "the secret"
    with pytest.raises(WrongKey, match="CORDBOARD_SECRET_KEY"):
        Keyring([OLD], SystemChance()).open(rotated.seal("the secret"))


def test_a_damaged_secret_does_not_open() -> None:
    keyring = Keyring([OLD], SystemChance())
    name, _, text = keyring.seal("the secret").partition(".")
    damaged = bytearray(base64.b64decode(text))
    damaged[-1] ^= 1
    with pytest.raises(WrongKey, match="damaged"):
        keyring.open(f"{name}.{base64.b64encode(damaged).decode()}")


def test_keys_are_read_as_they_are_written() -> None:
    first, second = new_key(SystemChance()), new_key(SystemChance())
    assert [len(key) for key in parse_keys(f"{first}, {second}")] == [32, 32]


@pytest.mark.parametrize("text", ["", "short", "c2hvcnQ=", "not base64!" * 4, "A" * 43 + "=,x"])
def test_what_is_no_key_is_refused_with_what_one_is(text: str) -> None:
    with pytest.raises(ValueError, match="32 random bytes in base64"):
        parse_keys(text)


def test_the_first_key_and_the_others_are_told_by_name() -> None:
    rotated = Keyring([NEW, OLD], SystemChance())
    assert rotated.seal("the secret").partition(".")[0] == rotated.first
    assert rotated.others == [Keyring([OLD], SystemChance()).first]
    assert Keyring([NEW], SystemChance()).others == []
