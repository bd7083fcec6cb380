from collections.abc import Mapping

from cordboard.routing import lifecycle
from scripts.state_pictures import PAGE, TABLES, page, picture


def test_the_pictures_of_the_routing_page_are_what_the_tables_say() -> None:
    assert PAGE.read_text() == page(PAGE.read_text()), "run `make docs`"


def test_every_table_of_a_life_has_its_picture_in_the_page() -> None:
    tables = {name for name, found in vars(lifecycle).items() if name.isupper() and isinstance(found, Mapping)}
    assert tables == TABLES.keys()
    for name in tables:
        assert picture(name) in PAGE.read_text()


def test_a_picture_has_an_arrow_for_each_move_and_ends_where_nothing_leads_on() -> None:
    assert picture("TRANSFER").splitlines() == [
        "stateDiagram-v2",
        "    direction LR",
        "    [*] --> initiated",
        "    initiated --> complete: complete",
        "    initiated --> failed: fail",
        "    initiated --> canceled: cancel",
        "    complete --> [*]",
        "    failed --> [*]",
        "    canceled --> [*]",
    ]
    assert "accepted --> [*]" not in picture("ON_HOLD")


def test_a_picture_that_is_not_what_the_table_says_is_drawn_anew() -> None:
    rotten = PAGE.read_text().replace("    [*] --> initiated\n", "    [*] --> failed\n")
    assert rotten != PAGE.read_text()
    assert page(rotten) == PAGE.read_text()
