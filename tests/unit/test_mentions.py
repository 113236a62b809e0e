"""Who is meant by an @name."""

import pytest

from engagement.mentions import mentioned

PEOPLE = [
    (1, "Sam"),
    (2, "Sam Miller"),
    (3, "José Álvarez"),
    (4, "田中"),
    (5, "ليلى"),
    (6, "Jean-Luc"),
    (7, "Ann"),
    (8, "ann"),
    (9, " "),
]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Ask @Sam about it.", {1}),
        ("@sam miller knows", {2}),
        ("@Sam Millerton", {1}),
        ("@Sammy does not", set()),
        ("(@Sam)", {1}),
        ("@JOSÉ ÁLVAREZ, @Jean-Luc: please", {3, 6}),
        ("@田中さんに聞いて", {4}),
        ("聞いて@田中", {4}),
        ("اسأل @ليلى.", {5}),
        ("write to x@sam.example", set()),
        ("@Sam\nMiller", {2}),
        ("@ Sam", set()),
        ("@ann", {7, 8}),
        ("@Sam @Sam @Ann", {1, 7, 8}),
        ("@", set()),
        ("", set()),
        ("no sign, Sam", set()),
    ],
)
def test_the_longest_whole_name_counts(text: str, meant: set[int]) -> None:
    assert mentioned(text, PEOPLE) == meant


def test_a_wall_of_signs_costs_little_and_means_nobody() -> None:
    assert mentioned("@" * 5000 + "Sam", PEOPLE) == set()
    assert mentioned("@Sam " * 5000, [(number, f"Sam {number}") for number in range(2000)]) == set()
