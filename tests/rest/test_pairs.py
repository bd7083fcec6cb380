import re
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cordboard.kernel.errors import Invalid
from cordboard.rest.pairs import MOST, read_pairs

_ESCAPES = st.integers(0, 255).flatmap(lambda byte: st.sampled_from([f"%{byte:02X}", f"%{byte:02x}"]))
_PIECES = st.one_of(
    _ESCAPES,
    st.sampled_from([*"%&=+;aF09_ \r\n", "%2", "%=", "%\n", "%zz", "%%", "%25", "%C3%A9", "é"]),
    st.text(max_size=3),
)
_BODIES = st.lists(_PIECES, max_size=30).map("".join).filter(lambda text: not re.search("[\ud800-\udfff]", text))


@given(_BODIES)
@example("%2522=%%322&a=%2%22+%2B&=b&c&&%2=%")
@example("a=%=3D%41=\n=\r&%\n%\r\n=%==%41%&b=%\r")
@example("Attributes=%7B%22a%22%3A+%5B1%2C2%5D%7D&%5b=%7b&a=1&a=%26%3D")
def test_a_form_reads_as_the_standard_library_reads_it(text: str) -> None:
    try:
        expected = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        expected = None
    if expected is None or any("\0" in name or "\0" in value for name, value in expected):
        with pytest.raises(Invalid):
            read_pairs(text.encode())
    else:
        assert read_pairs(text.encode()) == expected


@given(st.binary(max_size=40))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        pairs = read_pairs(data)
    except Invalid:
        return
    assert all("\0" not in name + value for name, value in pairs)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"FriendlyName=a%00b", "Invalid parameter FriendlyName: it contains a NUL character"),
        (b"A=1&FriendlyName=\0", "Invalid parameter FriendlyName: it contains a NUL character"),
        (b"FriendlyName=%FF", "Invalid parameter FriendlyName: it is not UTF-8"),
        (b"FriendlyName=%ED%A0%80", "Invalid parameter FriendlyName: it is not UTF-8"),
        (b"%FF=1", "Invalid parameter \N{REPLACEMENT CHARACTER}: it is not UTF-8"),
        (b"&".join([b"a=1"] * (MOST + 1)), "The request has more than 1000 parameters"),
    ],
)
def test_a_refusal_names_the_parameter(body: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_pairs(body)
    assert (refused.value.message, refused.value.code) == (message, 20001)


def test_a_thousand_parameters_are_read() -> None:
    assert len(read_pairs(b"&".join([b"a=1"] * MOST))) == MOST
