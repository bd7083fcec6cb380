import pytest

from cordboard.rest.lookup import Tree


@pytest.fixture
def tree() -> Tree[str]:
    made: Tree[str] = Tree()
    for path in ("/Accounts.json", "/Accounts/{Sid}.json", "/Accounts/{Sid}", "/Accounts/{AccountSid}/Keys/{Sid}.json"):
        made.add("GET", path, path)
    return made


@pytest.mark.parametrize(
    ("path", "found", "values"),
    [
        ("/Accounts.json", "/Accounts.json", []),
        ("/Accounts/AC1.json", "/Accounts/{Sid}.json", ["AC1"]),
        ("/Accounts/AC1", "/Accounts/{Sid}", ["AC1"]),
        ("/Accounts/AC1/Keys/SK1.json", "/Accounts/{AccountSid}/Keys/{Sid}.json", ["AC1", "SK1"]),
        # Only the last segment has the ending; one before it keeps what looks like it.
        ("/Accounts/AC1.json/Keys/SK1.json", "/Accounts/{AccountSid}/Keys/{Sid}.json", ["AC1.json", "SK1"]),
    ],
)
def test_a_parameter_with_an_ending_takes_the_segments_that_end_so(
    tree: Tree[str], path: str, found: str, values: list[str]
) -> None:
    assert tree.find(path.split("/")[1:]) == ({"GET": found}, values)


@pytest.mark.parametrize("path", ["/Accounts", "/Accounts/AC1/Keys/SK1", "/Accounts/AC1/Keys/SK1.xml"])
def test_a_path_without_the_ending_is_another(tree: Tree[str], path: str) -> None:
    assert tree.find(path.split("/")[1:]) is None
