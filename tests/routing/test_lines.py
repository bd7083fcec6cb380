"""A line is a sorted list of those who stand in it, however many have left it, and does not grow with those who have."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.routing.lines import Line

SLACK = 64


class Somebody:
    """Stands in the line at `place`, or in none while his ticket is 0."""

    def __init__(self) -> None:
        self.ticket = 0
        self.place = 0


class Model:
    """A line, and the people who should be in it."""

    def __init__(self, people: int) -> None:
        self.line = Line[Somebody]()
        self.people = [Somebody() for _ in range(people)]
        self.tickets = 0

    def stand(self, number: int, place: int) -> None:
        somebody = self.people[number]
        self.tickets += 1
        somebody.place, somebody.ticket = place, self.tickets
        self.line.join((place, somebody.ticket, somebody))

    def sorted(self) -> list[Somebody]:
        standing = [somebody for somebody in self.people if somebody.ticket]
        return sorted(standing, key=lambda somebody: (somebody.place, somebody.ticket))


def member(entry: Any) -> Somebody | None:
    return None if entry is None else entry[-1]


moves = st.lists(
    st.tuples(st.sampled_from(["stand", "stand", "go", "first", "look", "all"]), st.integers(0, 39), st.integers(0, 9)),
    min_size=100,
    max_size=400,
)


@settings(max_examples=30, deadline=None)
@given(moves, st.integers(1, 40))
def test_a_line_is_a_sorted_list_of_those_who_stand_in_it(moves: list[tuple[str, int, int]], people: int) -> None:
    model = Model(people)
    for move, number, place in moves:
        match move:
            case "stand":
                model.stand(number % people, place)
            case "go":
                model.people[number % people].ticket = 0
            case "first":
                assert member(model.line.first()) is next(iter(model.sorted()), None)
            case "look":
                asked: list[Somebody] = []

                def suits(somebody: Somebody, place: int = place, asked: list[Somebody] = asked) -> bool:
                    asked.append(somebody)
                    return somebody.place >= place

                found = member(model.line.first_who(suits))
                expected = [somebody for somebody in model.sorted() if somebody.place >= place]
                assert found is (expected[0] if expected else None)
                assert asked == model.sorted()[: len(asked)], "everybody is asked in order, and nobody after the first"
            case _:
                assert {id(entry[-1]) for entry in model.line.leave(all_dead=False)} == {
                    id(somebody) for somebody in model.sorted()
                }
                assert model.line.first() is None
                for somebody in model.people:
                    somebody.ticket = 0


@pytest.mark.parametrize("people", [1, 3, 100])
def test_a_line_is_at_most_twice_as_long_as_those_who_stand_in_it(people: int) -> None:
    model = Model(people)
    for n in range(40 * people + 2_000):
        model.stand(n % people, n)
        assert len(model.line.heap) <= 2 * people + SLACK + 1
    assert [member(model.line.first())] == model.sorted()[:1]
    for somebody in model.sorted():
        assert member(model.line.first()) is somebody
        somebody.ticket = 0


def test_who_has_left_is_not_passed_over_for_ever() -> None:
    model, steps = Model(1_000), 0
    for number in range(1_000):
        model.stand(number, number)
    for somebody in model.people[1:900]:
        somebody.ticket = 0
    for _ in range(100):
        assert member(model.line.first_who(lambda somebody: somebody.place >= 900)) is model.people[900]
        steps += len(model.line.heap) - 101
    assert len(model.line.heap) == 101
    assert steps <= 2 * 899


def test_a_line_of_people_who_are_all_gone_is_emptied_unseen() -> None:
    model = Model(3)
    model.stand(0, 1)
    assert model.line.leave(all_dead=True) == []
    assert model.line.heap == []
