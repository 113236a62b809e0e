"""``manage.py plan_check_ins``."""

import pytest
from django.core.management import CommandError, call_command

from engagement.models import Enrolment, Task
from tenants.context import acting_for
from tests import factories
from tests.conftest import make_cast


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
class TestPlanCheckIns:
    def test_prints_what_was_planned_moved_and_why(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cast = make_cast("Alder")
        with cast.acting():
            france = factories.market("FR")
            factories.cadence(every=1, unit="weeks", weekdays=[6])
            factories.account(market=france)
            Task.objects.all().delete()
            Enrolment.objects.update(next_nominal="2026-11-28", next_due="2026-11-28")
        call_command("plan_check_ins", "--today", "2026-11-24", "--dry-run")
        output = capsys.readouterr().out
        assert "France" in output
        assert "rest_day" in output
        with cast.acting():
            assert not Task.objects.exists()
        call_command(
            "plan_check_ins", "--organization", "alder", "--region", "emea", "--today", "2026-11-24"
        )
        with acting_for(cast.organization.pk, door="test"):
            assert Task.objects.to_do().count() >= 1

    def test_names_an_unknown_region_and_organization(self) -> None:
        make_cast("Alder")
        with pytest.raises(CommandError, match="no such region"):
            call_command("plan_check_ins", region="atlantis")
        with pytest.raises(CommandError, match="no organization"):
            call_command("plan_check_ins", organization="nobody")

    def test_refuses_a_bad_date(self) -> None:
        with pytest.raises(CommandError, match="such as"):
            call_command("plan_check_ins", "--today", "tomorrow")
