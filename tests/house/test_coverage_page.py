from scripts.coverage_page import PAGE, page


def test_the_coverage_page_is_what_the_route_tables_say() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"
