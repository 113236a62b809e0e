import dataclasses
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_platform.demo.draws import apportion, draw, pick
from cs_platform.demo.material import DATA, Material, contacts, load_material, yearly_revenue
from cs_platform.demo.tables import MaterialError

MARKETS = {
    *("US", "GB", "FR", "DE", "ES", "RO", "JP", "PH"),
    *("AU", "NZ", "SA", "AE", "QA", "KW", "BH", "OM"),
}
GULF = {"SA", "AE", "QA", "KW", "BH", "OM"}


@pytest.fixture(scope="module")
def material() -> Material:
    return load_material()


def scripts(text: str) -> set[str]:
    return {unicodedata.name(letter).split()[0] for letter in text if letter.isalpha()}


class TestMarkets:
    def test_all_sixteen_have_a_file(self, material: Material) -> None:
        assert material.markets.keys() == MARKETS

    @pytest.mark.parametrize("code", sorted(MARKETS))
    def test_there_is_enough_of_everything(self, material: Material, code: str) -> None:
        market = material.markets[code]
        assert len(market.companies) >= 28
        assert 5 <= len(market.cities) <= 8
        assert len({name.native for name in market.given_names}) >= 14
        assert len({name.native for name in market.family_names}) >= 14

    def test_no_company_and_no_domain_is_used_twice(self, material: Material) -> None:
        companies = [row for market in material.markets.values() for row in market.companies]
        assert len({row.name for row in companies}) == len(companies)
        assert len({row.domain for row in companies}) == len(companies)

    def test_every_domain_is_a_valid_label(self, material: Material) -> None:
        label = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
        for market in material.markets.values():
            assert [row.domain for row in market.companies if not label.fullmatch(row.domain)] == []

    @pytest.mark.parametrize("code", sorted(MARKETS))
    def test_names_are_in_the_script_of_the_market(self, material: Material, code: str) -> None:
        expected = {"LATIN"}
        if code in GULF:
            expected = {"ARABIC"}
        elif code == "JP":
            expected = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}
        market = material.markets[code]
        natives = [name.native for name in market.given_names + market.family_names]
        texts = [*natives, *market.cities, *(row.name for row in market.companies)]
        assert [text for text in texts if not scripts(text) <= expected] == []

    @pytest.mark.parametrize("code", ["FR", "DE", "ES", "RO"])
    def test_diacritics_are_kept(self, material: Material, code: str) -> None:
        market = material.markets[code]
        assert sum(not row.name.isascii() for row in market.companies) >= 8
        assert sum(not name.native.isascii() for name in market.family_names) >= 4

    def test_latin_spellings_are_ascii_letters(self, material: Material) -> None:
        spelling = re.compile(r"[A-Z][A-Za-z' -]*")
        for market in material.markets.values():
            for name in market.given_names + market.family_names:
                assert spelling.fullmatch(name.latin), name


class TestOrganizations:
    def test_together_they_have_400_accounts_in_all_markets(self, material: Material) -> None:
        first, second = material.organizations
        assert sum(first.accounts.values()) == 260
        assert sum(second.accounts.values()) == 140
        assert first.accounts.keys() == second.accounts.keys() == MARKETS

    def test_they_cut_the_world_differently(self, material: Material) -> None:
        cuts = [
            {frozenset(market.code for market in region.markets) for region in row.regions}
            for row in material.organizations
        ]
        assert cuts[0] != cuts[1]

    def test_no_company_is_a_customer_of_both(self, material: Material) -> None:
        chosen = [
            company
            for organization in material.organizations
            for code in organization.accounts
            for company in material.companies(organization, code)
        ]
        assert len(chosen) == len(set(chosen)) == 400

    def test_every_region_has_a_real_zone(self, material: Material) -> None:
        for organization in material.organizations:
            for region in organization.regions:
                assert ZoneInfo(region.time_zone).key == region.time_zone

    def test_a_person_has_an_address_of_one_of_the_organizations(self, material: Material) -> None:
        domains = {f"{row.slug}.example" for row in material.organizations}
        assert {email.partition("@")[2] for email in material.people} == domains
        assert all(re.fullmatch(r"[a-z.]+@[a-z.]+", email) for email in material.people)

    def test_exactly_one_person_belongs_to_both(self, material: Material) -> None:
        count = Counter(member.email for row in material.organizations for member in row.members)
        assert [email for email, times in count.items() if times > 1] == [
            "harriet.coleman@halmgard.example"
        ]

    def test_each_has_an_admin_a_leader_managers_and_csms(self, material: Material) -> None:
        for organization in material.organizations:
            roles = Counter(member.role for member in organization.members)
            assert roles["admin"] == roles["leader"] == 1
            assert 2 <= roles["regional_manager"] <= 3
            assert roles["csm"] >= 5

    def test_every_market_has_a_csm(self, material: Material) -> None:
        for organization in material.organizations:
            markets_of = {row.code: {m.code for m in row.markets} for row in organization.regions}
            served: set[str] = set()
            for member in organization.members:
                if member.role == "csm":
                    served.update(member.markets, *(markets_of[code] for code in member.regions))
            assert served == MARKETS

    def test_a_csm_in_dubai_serves_saudi_arabia(self, material: Material) -> None:
        members = material.organizations[0].members
        assert any(row.home_market == "AE" and "SA" in row.markets for row in members)

    def test_somebody_is_away_now_and_somebody_soon(self, material: Material) -> None:
        spans = [
            leave
            for organization in material.organizations
            for member in organization.members
            for leave in member.leave
        ]
        assert any(row.start_in_days <= 0 < row.start_in_days + row.days for row in spans)
        assert any(0 < row.start_in_days < 14 for row in spans)


class TestTiers:
    def test_shares_and_revenue_descend_without_a_gap(self, material: Material) -> None:
        assert [(row.name, row.share) for row in material.tiers] == [
            ("tier_1", 10),
            ("tier_2", 20),
            ("tier_3", 70),
        ]
        for higher, lower in zip(material.tiers, material.tiers[1:], strict=False):
            assert lower.arr_usd_to == higher.arr_usd_from

    @given(
        seed=st.text(max_size=20), code=st.sampled_from(sorted(MARKETS)), place=st.integers(0, 2)
    )
    def test_revenue_stays_in_the_range_of_the_tier(self, seed: str, code: str, place: int) -> None:
        material = load_material()
        market, tier = material.markets[code], material.tiers[place]
        amount = yearly_revenue(seed, tier=tier, market=market)
        assert amount % market.arr_step == 0
        assert tier.arr_usd_from <= amount * 100 / market.units_per_100_usd <= tier.arr_usd_to


class TestCadences:
    def test_a_benefit_is_a_sentence_and_one_cadence_is_internal(self, material: Material) -> None:
        benefits = [row.benefit for row in material.cadences]
        assert benefits.count("") == 1
        assert all(re.fullmatch(r"You .*\.", benefit) for benefit in benefits if benefit)

    def test_both_modes_and_all_kinds_of_rhythm_occur(self, material: Material) -> None:
        assert {row.mode for row in material.cadences} == {"fixed", "elastic"}
        assert {row.unit for row in material.cadences} == {"days", "weeks", "months"}
        assert {row.working_day for row in material.cadences} == {None, "first", "last"}
        assert (1, 4) in {row.iso_weekdays for row in material.cadences}

    def test_a_market_changes_how_and_when_but_never_the_benefit(self, material: Material) -> None:
        base = {(row.tier, row.stage): row for row in material.cadences if row.market is None}
        local = [row for row in material.cadences if row.market]
        assert {row.market for row in local} == {"FR", "ES", "JP"}
        for row in local:
            original = base[row.tier, row.stage]
            assert row.benefit == original.benefit
            same = dataclasses.replace(row, market=None, reason="", source="")
            assert same != original, "the market changes nothing"

    def test_france_visits_spain_stays_longer_and_japan_meets_more_often(
        self, material: Material
    ) -> None:
        by_cell = {(row.market, row.tier, row.stage): row for row in material.cadences}
        usual = by_cell[None, "tier_1", "value"]
        assert usual.channel == "video"
        assert by_cell["FR", "tier_1", "value"].channel == "in_person"
        assert by_cell["ES", "tier_1", "value"].channel == "in_person"
        assert by_cell["ES", "tier_1", "value"].duration_minutes > usual.duration_minutes
        quarterly = by_cell[None, "tier_2", "value"]
        assert by_cell["JP", "tier_2", "value"].every < quarterly.every


class TestContacts:
    def test_a_japanese_name_begins_with_the_family(self, material: Material) -> None:
        market = material.markets["JP"]
        (contact,) = contacts(
            "seed",
            market=market,
            company=market.companies[0],
            roles=material.contact_roles,
            count=1,
        )
        family, given_name = contact.name.split(" ")
        assert family in {name.native for name in market.family_names}
        assert given_name in {name.native for name in market.given_names}
        assert contact.latin_name.split(" ")[1] in {name.latin for name in market.family_names}

    @given(seed=st.text(max_size=20), code=st.sampled_from(sorted(MARKETS)))
    def test_contacts_of_a_company_differ(self, seed: str, code: str) -> None:
        material = load_material()
        market = material.markets[code]
        company = market.companies[-1]
        rows = contacts(seed, market=market, company=company, roles=material.contact_roles, count=8)
        assert len({row.email for row in rows}) == len({row.role for row in rows}) == 8
        for row in rows:
            assert re.fullmatch(r"[a-z]+\.[a-z]+@[a-z0-9-]+\.example", row.email)
            assert row.language in {language.tag for language in market.languages}

    def test_more_contacts_than_roles_are_refused(self, material: Material) -> None:
        market = material.markets["US"]
        with pytest.raises(ValueError, match="2 contacts"):
            contacts("s", market=market, company=market.companies[0], roles=["one"], count=2)


class TestDraws:
    def test_known_answers_hold_in_another_process(self) -> None:
        code = "from cs_platform.demo.draws import draw; print(draw('halmgard', 1000))"
        other = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert int(other.stdout) == draw("halmgard", 1000) == 368

    @given(seed=st.text(), items=st.lists(st.integers(), min_size=1))
    def test_pick_is_stable_and_one_of_the_items(self, seed: str, items: list[int]) -> None:
        assert pick(seed, items) in items
        assert pick(seed, items) == pick(seed, tuple(items))

    def test_pick_reaches_every_item_about_equally(self) -> None:
        count = Counter(pick(f"seed {number}", "abcd") for number in range(4000))
        assert all(900 < count[item] < 1100 for item in "abcd")

    def test_nothing_to_pick_from_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="nothing to pick from"):
            pick("seed", [])

    def test_apportion_gives_each_its_share_in_mixed_order(self) -> None:
        dealt = apportion("seed", 260, [("a", 10), ("b", 20), ("c", 70)])
        assert Counter(dealt) == {"a": 26, "b": 52, "c": 182}
        assert list(dealt) != sorted(dealt)
        assert dealt == apportion("seed", 260, [("a", 10), ("b", 20), ("c", 70)])

    @given(total=st.integers(0, 300), cut=st.integers(0, 100))
    def test_apportion_is_right_to_within_one(self, total: int, cut: int) -> None:
        dealt = apportion("seed", total, [("a", cut), ("b", 100 - cut)])
        assert len(dealt) == total
        assert abs(dealt.count("a") - total * cut / 100) < 1

    def test_shares_that_are_not_everything_are_refused(self) -> None:
        with pytest.raises(ValueError, match="100 %"):
            apportion("seed", 10, [("a", 99)])


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("file", "old", "new", "message"),
        [
            ("jp", "arr_step = 10000", "", "jp.toml: missing ['arr_step']"),
            ("jp", "arr_step = 10000", "arr_steps = 1", "jp.toml: unknown ['arr_steps']"),
            ("jp", "arr_step = 10000", 'arr_step = "1"', "jp.toml.arr_step: '1' is not int"),
            ("jp", "share = 100", "share = 90", "jp.toml: languages: not 100 %"),
            ("jp", 'code = "JP"', 'code = "JA"', "jp.toml: code: JA"),
            ("jp", 'latin = "Kenta"', 'latin = "Kéntà"', "given_names[0]: 健太: the Latin"),
            ("fr", "etablissements-garance", "les-ateliers-du-vercors", "domain repeated"),
            ("es", 'latin = "Jordi"', 'latin = "Lucia"', "mailbox repeated"),
            ("organizations", 'role = "analyst"', 'role = "boss"', "'boss' is none of"),
            ("organizations", "accounts = 26", "accounts = 27", "market DE: 35 accounts"),
            ("organizations", 'markets = ["GB"]', 'markets = ["IT"]', "unknown ['IT']"),
            ("organizations", 'markets = ["GB"]', "", "only they, have regions or markets"),
            ("organizations", 'home_market = "DE"\n\n[[org', 'home_market = "IT"\n\n[[org', "home"),
            ("cadences", 'channel = "in_person"', 'channel = "fax"', "].channel: 'fax' is none"),
            ("cadences", 'name = "adoption"', 'name = "waiting"', "exactly one for each"),
            ("cadences", 'market = "FR"', 'market = "FR"\nbenefit = "x"', "benefit is locked"),
            ("cadences", 'market = "FR"', 'market = "IT"', "unknown market IT"),
            ("cadences", "reason = ", "title = ", "FR needs a reason and a source"),
            ("contacts", "roles", "titles", "contacts.toml: unknown ['titles']"),
        ],
    )
    def test_the_error_names_the_place(
        self, tmp_path: Path, file: str, old: str, new: str, message: str
    ) -> None:
        folder = tmp_path / "data"
        shutil.copytree(DATA, folder)
        path = folder / f"{file}.toml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        with pytest.raises(MaterialError, match=re.escape(message)):
            load_material(folder)

    def test_a_market_without_a_file_is_named(self, tmp_path: Path) -> None:
        folder = tmp_path / "data"
        shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("jp.toml"))
        with pytest.raises(MaterialError, match="market JP: no file"):
            load_material(folder)
