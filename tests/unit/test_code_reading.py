"""Reading files of playbooks: what is told of a bad one, and where; and writing them back."""

from pathlib import Path

import pytest

from playbooks.code import nodes
from playbooks.code.problems import MOST_PROBLEMS, CodeError
from playbooks.code.reading import read
from playbooks.code.writing import write
from playbooks.library import FOLDER

GOOD = """\
format: 1
playbooks:
- key: small
  name: Small
  motion: onboarding
  goal: It runs.
  tiers: [tier_1]
  steps:
  - key: kickoff
    title: Hold the kickoff
    outcome: You know what comes next.
    kind: call
    offset: 2
    required: true
    condition: {health: [green], attributes: {plan: [gold]}}
    translations:
      fr: {title: Lancer}
  localizations:
  - market: FR
    changes:
    - step: kickoff
      action: set
      fields: {kind: in_person, translations.fr: {title: Ouvrir}}
      reason: {kind: culture, text: So it is.}
cadences:
- tier: tier_1
  stage: value
  title: Call
  every: 1
  unit: weeks
  weekdays: [monday]
contact_budgets:
- tier: tier_1
  most_touches: 6
"""


def problems(text: str | bytes) -> list[tuple[int, int, str]]:
    """Return what is told of a bad file."""
    with pytest.raises(CodeError) as caught:
        read(text)
    return [(each.line, each.column, each.message) for each in caught.value.problems]


def told(old: str, new: str) -> tuple[int, int, str]:
    """Return the only thing that is told of the good file with one bad place."""
    assert old in GOOD
    (problem,) = problems(GOOD.replace(old, new, 1))
    return problem


def test_a_good_file_is_read_with_all_defaults() -> None:
    document = read(GOOD).document
    assert document.playbooks
    assert document.cadences
    assert document.contact_budgets
    (step,) = document.playbooks[0].steps
    assert step.fields["position"] == 10
    assert step.fields["duration_minutes"] == 30
    assert step.fields["checklist"] == []
    (localization,) = document.playbooks[0].localizations
    assert [change.field for change in localization.changes] == ["kind", "translations.fr"]
    assert document.cadences[0].fields["weekdays"] == [1]
    assert document.contact_budgets[0].fields["severity"] == "warning"


def test_what_a_file_leaves_out_is_not_there() -> None:
    document = read("format: 1\n").document
    assert (document.playbooks, document.cadences, document.contact_budgets) == (None, None, None)


def test_paths_lead_to_lines() -> None:
    file = read(GOOD)
    mark = file.where("playbooks[0].steps[0].offset")
    assert (mark.line, mark.column) == (13, 13)
    nearest = file.where("playbooks[0].steps[0].duration_minutes")
    assert (nearest.line, nearest.column) == (9, 5)


class TestScalars:
    """What is read depends on what is wanted, not on what YAML takes it for."""

    @pytest.mark.parametrize(
        "written",
        ["NO", "1:30", "on", "012", "yes", "0x1F", "1e3", "2026-01-01", "3", "true", "=", ".inf"],
    )
    def test_a_text_stays_as_it_is_written(self, written: str) -> None:
        document = read(GOOD.replace("title: Hold the kickoff", f"title: {written}")).document
        assert document.playbooks
        assert document.playbooks[0].steps[0].fields["title"] == written

    @pytest.mark.parametrize("written", ["NO", "1:30", "on", "012", "null", "", "y", "1e3", "~"])
    def test_a_text_that_others_would_misread_is_written_in_quotes(self, written: str) -> None:
        text = write(read(GOOD.replace("title: Hold the kickoff", f"title: '{written}'")).document)
        assert f"title: '{written}'\n" in text

    def test_norwegian_is_a_language(self) -> None:
        document = read(GOOD.replace("fr: {title", "no: {title")).document
        assert document.playbooks
        assert document.playbooks[0].steps[0].fields["translations"] == {"no": {"title": "Lancer"}}

    @pytest.mark.parametrize(
        "written", ["1:30", "'2'", "2.0", "1_0", "0x1F", "٣", "two", "", "[2]", "1e3", "9" * 19]
    )
    def test_a_number_is_decimal_digits(self, written: str) -> None:
        line, column, message = told("offset: 2", f"offset: {written}")
        # Nothing at all stands where the key ends.
        assert (line, column) == (13, 13 if written else 12)
        assert "whole number" in message

    @pytest.mark.parametrize("written", ["yes", "on", "True", "1", "'true'", ""])
    def test_true_and_false_are_written_so(self, written: str) -> None:
        assert told("required: true", f"required: {written}")[2] == "Give true or false."

    @pytest.mark.parametrize("written", ["null", "~", ""])
    def test_a_text_is_never_null(self, written: str) -> None:
        assert "Give a text" in told("goal: It runs.", f"goal: {written}")[2]

    def test_a_number_may_have_a_sign(self) -> None:
        for written, number in (("-5", -5), ("+5", 5), ("012", 12)):
            document = read(GOOD.replace("offset: 2", f"offset: {written}")).document
            assert document.playbooks
            assert document.playbooks[0].steps[0].fields["offset"] == number


class TestPlantedErrors:
    """Each kind of error, at its very place."""

    @pytest.mark.parametrize(
        ("old", "new", "line", "column", "message"),
        [
            ("    offset: 2", "    ofset: 2", 13, 5, "no key “ofset” here. Did you mean “offset”"),
            ("    offset: 2", "    qqq: 2", 13, 5, "There is no key “qqq” here."),
            (
                "    offset: 2",
                "    kind: call",
                13,
                5,
                "“kind” stands here twice, first in line 12",
            ),
            ("- key: small\n  name: Small", "- name: Small", 3, 3, "“key” is missing."),
            ("    title: Hold the kickoff\n", "", 9, 5, "“title” is missing."),
            ("kind: call", "kind: cal", 12, 11, "“cal” is not one of"),
            ("kind: call", "kind: cal", 12, 11, "Did you mean “call”?"),
            ("kind: call", "kind: [call]", 12, 11, "Give a text."),
            ("tiers: [tier_1]", "tiers: tier_1", 7, 10, "Give a list."),
            ("tiers: [tier_1]", "tiers: [tier_1, tier_9]", 7, 19, "“tier_9” is not one of"),
            ("tiers: [tier_1]", "tiers: [[tier_1]]", 7, 11, "Give a text."),
            ("health: [green]", "helth: [green]", 15, 17, "Did you mean “health”?"),
            ("health: [green]", "health: [blue]", 15, 26, "“blue” is not one of"),
            ("{plan: [gold]}", "{plan: gold}", 15, 53, "Give a list."),
            ("{plan: [gold]}", "[gold]", 15, 46, "Give keys with values."),
            ("fr: {title: Lancer}", "fr: Lancer", 17, 11, "Give keys with values."),
            ("fr: {title: Lancer}", "french: {title: L}", 17, 7, "not a language tag"),
            ("fr: {title: Lancer}", "fr: {name: L}", 17, 12, "There is no key “name”"),
            ("  - market: FR", "  - note: FR", 19, 5, "Name a region or a market."),
            ("  - market: FR", "  - market: FR\n    region: emea", 19, 13, "not both"),
            ("action: set", "action: sett", 22, 15, "Did you mean “set”?"),
            ("action: set", "action: drop", 23, 7, "There is no key “fields” here."),
            ("{kind: in_person,", "{kin: in_person,", 23, 16, "Did you mean “kind”?"),
            ("translations.fr: {t", "translations.xxxx: {t", 23, 33, "not a language tag"),
            (
                "fields: {kind: in_person, translations.fr: {title: Ouvrir}}",
                "fields: {}",
                23,
                15,
                "Name at least one field.",
            ),
            ("kind: culture", "kind: habit", 24, 22, "“habit” is not one of"),
            ("{kind: culture, text: So it is.}", "{kind: culture}", 24, 15, "“text” is missing."),
            ("weekdays: [monday]", "weekdays: [1]", 31, 14, "“1” is not one of"),
            ("format: 1", "format: 2", 1, 9, "format 1 only"),
            ("format: 1\n", "", 1, 1, "“format” is missing."),
            ("goal: It runs.", "goal: !!str It runs.", 6, 9, "Tags are not read"),
            ("goal: It runs.", "goal: !!python/object:os.system x", 6, 9, "Tags are not read"),
            ("goal: It runs.", "goal: *nothing", 6, 9, "There is no anchor “nothing”."),
            ("tiers: [tier_1]", "tiers: &me [*me]", 7, 15, "would contain itself"),
            ("goal: It runs.", 'goal: "\\0"', 6, 9, "cannot be stored"),
            ("goal: It runs.", "goal: a\x07b", 6, 10, "U+0007 cannot stand here"),
            ("goal: It runs.", "goal: a: b", 6, 10, "This is no YAML"),
            ("goal: It runs.", "goal: 'open", 35, 1, "This is no YAML"),
            ("contact_budgets:\n", "---\nformat: 1\n", 32, 1, "A file has one document."),
            ("goal: It runs.", "? [a]\n  : b\n  goal: It runs.", 6, 5, "A key is a text."),
            ("goal: It runs.", f"{'x' * 101}: y\n  goal: It runs.", 6, 3, "100 characters at most"),
            ("goal: It runs.", "<<: {goal: x}\n  goal: It runs.", 6, 3, "no key “<<”"),
            (
                "- tier: tier_1\n  most_touches: 6\n",
                "- tier: tier_1\n  most_touches: 6\n- tier: tier_1\n  most_touches: 5\n",
                35,
                3,
                "twice",
            ),
        ],
    )
    def test_is_told_at_its_place(
        self, old: str, new: str, line: int, column: int, message: str
    ) -> None:
        found = told(old, new)
        assert (found[0], found[1]) == (line, column)
        assert message in found[2]

    def test_all_are_told_at_once_in_the_order_of_the_file(self) -> None:
        bad = (
            GOOD.replace("motion: onboarding", "motion: on")
            .replace("offset: 2", "ofset: two")
            .replace("every: 1", "every: x")
            .replace("  most_touches: 6\n", "")
        )
        assert [line for line, _column, _message in problems(bad)] == [5, 13, 29, 33]

    def test_so_many_that_nobody_reads_on_are_cut(self) -> None:
        steps = "".join("  - {qqq: 1}\n" for _ in range(10_000))
        assert len(problems(f"format: 1\nplaybooks:\n- steps:\n{steps}")) == MOST_PROBLEMS

    def test_columns_count_characters(self) -> None:
        assert told("{kind: culture, text: So", "{text: é🌍次, kind: habit, evidence: So")[:2] == (
            24,
            33,
        )


class TestLimits:
    def test_an_empty_file_is_none(self) -> None:
        for text in ("", "\n", "# only this\n", "\ufeff"):
            assert problems(text) == [(1, 1, "The file is empty.")]

    def test_a_mark_of_byte_order_is_passed_over(self) -> None:
        assert read("\ufeff" + GOOD).document == read(GOOD).document

    def test_other_encodings_are_refused_where_they_begin(self) -> None:
        assert problems(GOOD.replace("It runs.", "Él").encode("latin-1"))[0][:2] == (6, 9)
        assert problems(GOOD.encode("utf-16"))[0][:2] == (1, 1)
        assert problems("format: 1\nplaybooks: \ud800")[0][:2] == (2, 12)

    def test_nothing_is_built_too_deep(self) -> None:
        assert "20 deep" in problems("a: " + "[" * 25)[0][2]
        assert "nesting depth" in problems("a: " + "[" * 100_000)[0][2]
        assert "20 deep" in problems("".join(f"{' ' * n}a:\n" for n in range(1000)))[0][2]

    def test_nothing_is_read_that_is_too_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        large = "#" + "x" * nodes.MOST_BYTES
        assert "bytes at most" in problems(large)[0][2]
        monkeypatch.setattr(nodes, "MOST_NODES", 1000)
        assert problems("a: [" + "x," * 1000 + "]") == [
            (1, 2003, "A file has 1000 values at most.")
        ]

    def test_aliases_are_bounded(self) -> None:
        bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
        )
        assert problems(bomb) == [(5, 25, "Aliases stand for 50000 values at most.")]

    def test_an_alias_may_save_writing(self) -> None:
        text = GOOD.replace("{kind: culture, text: So it is.}", "&why {kind: law, text: So.}")
        text = text.replace(
            "cadences:",
            "    - {step: other, action: drop, reason: *why}\ncadences:",
        )
        document = read(text).document
        assert document.playbooks
        changes = document.playbooks[0].localizations[0].changes
        assert changes[0].reason == changes[-1].reason


class TestWriting:
    @pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
    def test_a_shipped_file_keeps_what_it_says(self, path: Path) -> None:
        document = read(path.read_bytes()).document
        text = write(document)
        assert write(read(text).document) == text
        assert document.playbooks
        again = read(text).document.playbooks
        assert again
        assert again[0].header == document.playbooks[0].header
        assert {step.key: step.fields for step in again[0].steps} == {
            step.key: step.fields for step in document.playbooks[0].steps
        }
        assert {each.place: set(map(repr, each.changes)) for each in again[0].localizations} == {
            each.place: set(map(repr, each.changes)) for each in document.playbooks[0].localizations
        }

    def test_leaves_out_what_is_as_it_is_by_default(self) -> None:
        text = write(read(GOOD).document)
        for name in ("position", "anchor", "priority", "severity", "mode", "evidence"):
            assert f"{name}:" not in text

    def test_writes_the_good_file_as_it_is_but_for_style(self) -> None:
        assert write(read(GOOD).document).splitlines()[:9] == GOOD.splitlines()[:9]

    def test_puts_together_what_differs_for_one_reason(self) -> None:
        text = write(read(GOOD).document)
        assert text.count("reason:") == 1
        other = GOOD.replace(
            "cadences:",
            "    - step: kickoff\n      action: set\n      fields: {offset: 3}\n"
            "      reason: {kind: law, text: Other.}\ncadences:",
        )
        assert write(read(other).document).count("reason:") == 2
