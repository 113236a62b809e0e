"""URLs of the pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from workspace.forms import SignInForm
from workspace.views import accounts, members, tasks, today

app_name = "workspace"

urlpatterns = [
    path("", today.TodayView.as_view(), name="today"),
    path(
        "login/",
        LoginView.as_view(
            template_name="workspace/login.html",
            authentication_form=SignInForm,
            redirect_authenticated_user=True,
        ),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("organization/", members.switch_organization, name="switch-organization"),
    path("accounts/", accounts.AccountListView.as_view(), name="accounts"),
    path("accounts/<uuid:pk>/", accounts.AccountView.as_view(), name="account"),
    path("accounts/<uuid:pk>/agreement/", accounts.AgreementView.as_view(), name="agreement"),
    path("accounts/<uuid:pk>/hints/", accounts.HintsView.as_view(), name="hints"),
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
