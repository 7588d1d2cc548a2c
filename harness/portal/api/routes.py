"""The routes of the API."""

from harness.portal.api import bundles, evidence, runs, walks
from harness.portal.asking import Who, page

urlpatterns = [
    page("projects/<slug:slug>/runs", runs.bring, Who.TOKEN, "api-runs", methods=("POST",)),
    page("evidence/<str:sha256>", evidence.bring, Who.TOKEN, "api-evidence", methods=("PUT",)),
    page("releases/<path:release>/bundle", bundles.take, Who.TOKEN, "api-bundle"),
    page("packages/<str:code>/bundle.zip", bundles.take_archive, Who.TOKEN, "api-archive"),
    page("packages/<str:code>/walks", walks.offer, Who.TOKEN, "api-walks", methods=("PUT", "DELETE")),
    page("checkpoint", bundles.checkpoint, Who.ANYONE, "api-checkpoint"),
]
