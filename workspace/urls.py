"""URLs of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from workspace.views import (
    accounts,
    imports,
    invitations,
    members,
    operator,
    profile,
    sign_in,
    start,
    tasks,
    today,
)

app_name = "workspace"

urlpatterns = [
    path("", today.TodayView.as_view(), name="today"),
    path("welcome/", today.WelcomeView.as_view(), name="welcome"),
    path("login/", sign_in.SignInView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("invitation/<str:token>/", invitations.InvitationView.as_view(), name="invitation"),
    path("password/forgotten/", sign_in.ForgottenView.as_view(), name="password-forgotten"),
    path("password/reset/<str:token>/", sign_in.ResetView.as_view(), name="password-reset"),
    path("me/", profile.ProfileView.as_view(), name="profile"),
    path("me/password/", profile.PasswordView.as_view(), name="change-password"),
    path("me/e-mail/", profile.AddressView.as_view(), name="change-address"),
    path("me/e-mail/<str:token>/", profile.ConfirmAddressView.as_view(), name="confirm-address"),
    path("me/sessions/", profile.SessionsView.as_view(), name="end-sessions"),
    path("operator/", operator.OperatorView.as_view(), name="operator"),
    path("operator/<str:token>/", operator.MadeView.as_view(), name="operator-made"),
    path("organization/", members.switch_organization, name="switch-organization"),
    path("start/", start.ChecklistView.as_view(), name="start"),
    path("start/progress/", start.ProgressView.as_view(), name="start-progress"),
    path("start/home/", start.HomeStepView.as_view(), name="start-home"),
    path("start/accounts/", start.AccountsStepView.as_view(), name="start-accounts"),
    path("start/accounts/new/", start.AccountByHandView.as_view(), name="start-account"),
    path("start/accounts/sample/", start.SampleView.as_view(), name="start-sample"),
    path("start/markets/", start.MarketsStepView.as_view(), name="start-markets"),
    path("start/markets/new/", start.NewMarketView.as_view(), name="start-new-market"),
    path("start/markets/<uuid:pk>/", start.MarketView.as_view(), name="start-market"),
    path("start/tiers/", start.TiersStepView.as_view(), name="start-tiers"),
    path("start/cadences/", start.CadencesStepView.as_view(), name="start-cadences"),
    path("start/cadences/<uuid:pk>/", start.CadenceView.as_view(), name="start-cadence"),
    path(
        "start/cadences/<uuid:pk>/market/",
        start.MarketCadenceView.as_view(),
        name="start-market-cadence",
    ),
    path("start/preview/", start.FortnightView.as_view(), name="start-preview"),
    path("start/people/", start.PeopleStepView.as_view(), name="start-people"),
    path("start/open/", start.OpenStepView.as_view(), name="start-open"),
    path("accounts/", accounts.AccountListView.as_view(), name="accounts"),
    path("accounts/export/", imports.AccountExportView.as_view(), name="account-export"),
    path("accounts/<uuid:pk>/", accounts.AccountView.as_view(), name="account"),
    path("accounts/<uuid:pk>/agreement/", accounts.AgreementView.as_view(), name="agreement"),
    path("accounts/<uuid:pk>/hints/", accounts.HintsView.as_view(), name="hints"),
    path("imports/", imports.ImportsView.as_view(), name="imports"),
    path("imports/template/", imports.ImportTemplateView.as_view(), name="import-template"),
    path("imports/<uuid:pk>/", imports.ImportView.as_view(), name="import"),
    path("imports/<uuid:pk>/check/", imports.ImportOptionsView.as_view(), name="import-options"),
    path("imports/<uuid:pk>/apply/", imports.ImportApplyView.as_view(), name="import-apply"),
    path("imports/<uuid:pk>/cancel/", imports.ImportCancelView.as_view(), name="import-cancel"),
    path(
        "imports/<uuid:pk>/problems/", imports.ImportProblemsView.as_view(), name="import-problems"
    ),
    path("tasks/<uuid:pk>/done/", tasks.DoneView.as_view(), name="task-done"),
    path("tasks/<uuid:pk>/move/", tasks.MoveView.as_view(), name="task-move"),
    path(
        "tasks/<uuid:pk>/not-applicable/",
        tasks.NotApplicableView.as_view(),
        name="task-not-applicable",
    ),
    path("tasks/<uuid:pk>/hand-over/", tasks.HandOverView.as_view(), name="task-hand-over"),
    path("tasks/<uuid:pk>/undo/", tasks.UndoView.as_view(), name="task-undo"),
]
