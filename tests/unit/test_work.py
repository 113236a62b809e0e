"""What a task by hand asks for."""

from engagement.work import FOLLOW_UP_MINUTES, work_by_hand


class TestWorkByHand:
    def test_with_a_gain_for_the_customer_is_a_contact(self) -> None:
        work = work_by_hand("Send the report", "They know where they stand.")
        assert (work.is_contact, work.channel) == (True, "email")
        assert work.duration_minutes == FOLLOW_UP_MINUTES

    def test_without_one_is_internal(self) -> None:
        work = work_by_hand("Ask support", "")
        assert (work.title, work.is_contact, work.channel) == ("Ask support", False, "")
