"""What customer success is for here, as everybody reads it."""

import pytest
from django.utils import timezone

from governance.models import Principle, VoiceTrait, VoiceVariation
from governance.services import (
    archive_principle,
    publish_philosophy,
    save_principle,
    save_voice_trait,
    save_voice_variation,
)
from regions.models import Market
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, count_queries, signed_in

pytestmark = pytest.mark.django_db


def page(member: Membership, address: str = "/philosophy/") -> str:
    response = signed_in(member).get(address)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.fixture
def france(cast: Cast) -> Market:
    with cast.acting():
        return factories.market("FR")


def varied(cast: Cast, market: Market) -> None:
    """Let a market vary how formal we are."""
    with cast.acting(cast.leader):
        trait = save_voice_trait(
            VoiceTrait(key="formality", name="Formality", description="First names.", is_local=True)
        )
        save_voice_trait(VoiceTrait(key="honesty", name="Honesty", description="We say what is."))
        save_voice_variation(
            VoiceVariation(
                trait=trait, market=market, wording="Family names.", reason="They asked for it."
            )
        )


class TestPhilosophy:
    def test_is_the_newest_text_as_markdown(self, cast: Cast) -> None:
        with cast.acting(cast.leader):
            for text in ("Old words.", "## Why\n\nCustomers *win*. <b>No</b> tags."):
                publish_philosophy(text=text, by=cast.leader, at=timezone.now())
        shown = page(cast.csm)
        assert "Old words." not in shown
        assert "<h2>Why</h2>" in shown
        assert "<em>win</em>" in shown
        assert "&lt;b&gt;No" in shown
        assert f"Published by <bdi>{cast.leader.name}</bdi>" in shown

    def test_has_the_principles_in_their_order(self, cast: Cast) -> None:
        with cast.acting(cast.leader):
            for position, title in ((2, "Second"), (1, "First"), (3, "Gone")):
                save_principle(
                    Principle(position=position, title=title, text="It holds.", source="A book")
                )
            archive_principle(Principle.objects.get(title="Gone"), at=timezone.now())
        shown = page(cast.csm)
        assert shown.index("First") < shown.index("Second")
        assert "A book" in shown
        assert "Gone" not in shown

    def test_shows_what_the_market_of_the_reader_varies(self, cast: Cast, france: Market) -> None:
        varied(cast, france)
        with cast.acting():
            saudi = factories.market("SA")
            factories.home_market(cast.csm, saudi)
        own = page(cast.csm)
        assert "Family names." not in own
        assert "A market may vary it; Saudi Arabia does not." in own
        assert "It holds in every market." in own
        chosen = page(cast.csm, "/philosophy/?market=FR")
        for words in ("In France", "Family names.", "They asked for it."):
            assert words in chosen

    def test_says_who_writes_it_when_there_is_nothing(self, cast: Cast) -> None:
        assert "A CS leader writes what customer success is for" in page(cast.csm)
        assert 'href="/admin/governance/philosophy/"' in page(cast.leader)

    def test_the_number_of_queries_is_fixed(self, cast: Cast, france: Market) -> None:
        client = signed_in(cast.csm)
        counts = []
        for numbers in (range(1), range(1, 9)):
            with cast.acting(cast.leader):
                for number in numbers:
                    trait = save_voice_trait(
                        VoiceTrait(
                            key=f"t{number}", name=f"T{number}", description="So.", is_local=True
                        )
                    )
                    save_voice_variation(
                        VoiceVariation(trait=trait, market=france, wording="So.", reason="So.")
                    )
                    save_principle(Principle(title=f"P{number}", text="It holds."))
            with count_queries() as captured:
                client.get("/philosophy/")
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_is_of_ones_own_organization(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting(cast.leader):
            publish_philosophy(text="Our secret.", by=cast.leader, at=timezone.now())
        assert "Our secret." in page(cast.csm)
        assert "Our secret." not in page(outsiders.csm)
