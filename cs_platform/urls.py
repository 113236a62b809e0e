"""Root URLs."""

from django.urls import include, path

from cs_platform import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("workspace.urls")),
]
