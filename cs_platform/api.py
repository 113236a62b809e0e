"""The API root: which endpoint serves what, its description, and its documentation."""

from django.http import Http404
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

from accounts import api as accounts
from accounts.imports import api as account_imports
from accounts.promises import api as promises
from accounts.sharing import api as sharing
from engagement import api as engagement
from governance import api as governance
from outbox import api as outbox
from playbooks import api as playbooks
from regions import api as regions
from talent import api as talent
from tenants import api as tenants

router = DefaultRouter()
router.include_format_suffixes = False
router.register("organizations", tenants.OrganizationViewSet)
router.register("members", tenants.MemberViewSet)
router.register("api-keys", tenants.ApiKeyViewSet)
router.register("webhook-endpoints", outbox.WebhookEndpointViewSet)
router.register("webhook-deliveries", outbox.WebhookDeliveryViewSet)
router.register("audit-entries", tenants.AuditEntryViewSet)
router.register("library-markets", regions.LibraryMarketViewSet, "library-market")
router.register("regions", regions.RegionViewSet)
router.register("markets", regions.MarketViewSet)
router.register("working-weeks", regions.WorkingWeekViewSet)
router.register("seasons", regions.SeasonViewSet)
router.register("business-hours", regions.BusinessHoursViewSet)
router.register("closures", regions.ClosureViewSet)
router.register("extra-working-days", regions.ExtraWorkingDayViewSet)
router.register("quiet-periods", regions.QuietPeriodViewSet)
router.register("cultural-statements", regions.CulturalStatementViewSet)
router.register("phrases", regions.PhraseViewSet)
router.register("assignments", regions.AssignmentViewSet)
router.register("philosophies", governance.PhilosophyViewSet)
router.register("principles", governance.PrincipleViewSet)
router.register("voice-traits", governance.VoiceTraitViewSet)
router.register("voice-variations", governance.VoiceVariationViewSet)
router.register("kpis", governance.KpiViewSet)
router.register("kpi-targets", governance.KpiTargetViewSet)
router.register("guardrails", governance.GuardrailViewSet)
router.register("governance-settings", governance.GovernanceSettingsViewSet)
router.register("accounts", engagement.AccountViewSet)
router.register("account-attributes", accounts.AccountAttributeViewSet)
router.register("account-imports", account_imports.AccountImportViewSet)
router.register("account-import-problems", account_imports.ImportProblemViewSet)
router.register("contacts", accounts.ContactViewSet)
router.register("contact-consents", accounts.ContactConsentViewSet)
router.register("working-agreements", accounts.WorkingAgreementViewSet)
router.register("agreement-links", sharing.AgreementLinkViewSet)
router.register("agreement-proposals", sharing.AgreementProposalViewSet)
router.register("promises", promises.PromiseViewSet)
router.register("roles", talent.RoleViewSet)
router.register("work-profiles", talent.WorkProfileViewSet)
router.register("leaves", talent.LeaveViewSet)
router.register("library-playbooks", playbooks.LibraryPlaybookViewSet, "library-playbook")
router.register("playbooks", playbooks.PlaybookViewSet)
router.register("playbook-versions", playbooks.PlaybookVersionViewSet)
router.register("localizations", playbooks.LocalizationViewSet)
router.register("localization-revisions", playbooks.LocalizationRevisionViewSet)
router.register("editions", playbooks.EditionViewSet)
router.register("assumption-decisions", playbooks.AssumptionDecisionViewSet)
router.register("contact-budgets", playbooks.ContactBudgetViewSet)
router.register("cadences", playbooks.CadenceViewSet)
router.register("cadence-revisions", playbooks.CadenceRevisionViewSet)
router.register("enrolments", engagement.EnrolmentViewSet)
router.register("runs", engagement.RunViewSet)
router.register("tasks", engagement.TaskViewSet)
router.register("team-load", engagement.TeamLoadViewSet, "team-load")
router.register("outcome-rules", engagement.OutcomeRuleViewSet)
router.register("triggers", engagement.TriggerViewSet)
router.register("trigger-firings", engagement.TriggerFiringViewSet)
router.register("task-batches", engagement.TaskBatchViewSet)
router.register("saved-views", engagement.SavedViewViewSet)
router.register("letter-preferences", engagement.LetterPreferenceViewSet)
router.register("calendar-feeds", engagement.CalendarFeedViewSet)
router.register("chat-channels", engagement.ChatChannelViewSet)
router.register("check-ins", engagement.CheckInViewSet, "check-in")
router.register("meetings", engagement.MeetingViewSet)
router.register("incoming-mails", engagement.IncomingMailViewSet)
router.register("region-plannings", engagement.RegionPlanningViewSet)
router.register("market-passes", engagement.MarketPassViewSet)


class UnknownAddressView(APIView):
    """Answers a wrong address under the API as the API answers everything."""

    authentication_classes = ()
    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Refuse, whatever the method.

        :raises Http404: always.
        """
        raise Http404


urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api-schema", template_name="cs_platform/api_docs.html"
        ),
        name="api-docs",
    ),
    re_path("", UnknownAddressView.as_view()),
]
