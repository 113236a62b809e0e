"""The people who look after accounts, and their invitations."""

from django.http import HttpRequest, HttpResponse

from workspace.views.start.base import StepView


class PeopleStepView(StepView):
    """Shows who owns accounts and has not joined yet."""

    step, template = "people", "people"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self.page()
