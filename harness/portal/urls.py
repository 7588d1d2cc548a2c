"""Every route, whom it is for and what it knows. A route that is not for anyone in particular says so."""

from django.urls import include, path

from harness.portal.api import routes as api
from harness.portal.asking import Who, page
from harness.portal.views import (
    account,
    audit,
    board,
    deciding,
    documents,
    improvements,
    package,
    people,
    sessions,
    signing,
    tasks,
    verify,
    walking,
    withdrawing,
)

POST = ("POST",)
BOTH = ("GET", "POST")

urlpatterns = [
    page("", tasks.home, Who.ANYONE, "home"),
    page("health", tasks.health, Who.ANYONE, "health"),
    page("sign-in", sessions.sign_in, Who.ANYONE, "sign-in", methods=BOTH),
    page("sign-in/passkey/options", sessions.passkey_options, Who.ANYONE, "sign-in-options", methods=POST),
    page("sign-in/passkey", sessions.passkey_sign_in, Who.ANYONE, "sign-in-passkey", methods=POST),
    page("sign-out", sessions.sign_out, Who.SIGNED_IN, "sign-out", methods=POST),
    page("language", sessions.language, Who.ANYONE, "language", methods=POST),
    page("invitation/<str:token>", account.invitation, Who.ANYONE, "invitation", methods=BOTH),
    page("verify", verify.verify, Who.ANYONE, "verify"),
    page("account", account.account, Who.SIGNED_IN, "account"),
    page("account/zone", account.zone, Who.SIGNED_IN, "zone", methods=POST),
    page("account/confirm", account.confirm, Who.SIGNED_IN, "confirm", methods=POST),
    page("account/password", account.change_password, Who.SIGNED_IN, "change-password", methods=POST),
    page("account/passkeys/options", account.passkey_options, Who.SIGNED_IN, "passkey-options", methods=POST),
    page("account/passkeys", account.passkey_add, Who.SIGNED_IN, "passkey-add", methods=POST),
    page("account/passkeys/remove", account.passkey_remove, Who.SIGNED_IN, "passkey-remove", methods=POST),
    page("tasks", tasks.tasks, Who.SIGNED_IN, "tasks"),
    page("packages/<str:code>", package.about, Who.SIGNED_IN, "package"),
    page("packages/<str:code>/<str:role>/try/<str:criterion>", package.attempt, Who.BUSINESS, "try", methods=BOTH),
    page("packages/<str:code>/<str:role>/walk/<str:criterion>", walking.walk, Who.BUSINESS, "walk", methods=POST),
    page("packages/<str:code>/<str:role>/check", deciding.check, Who.BUSINESS, "check", methods=BOTH),
    page("packages/<str:code>/<str:role>/conditions", deciding.conditions, Who.BUSINESS, "conditions", methods=BOTH),
    page("packages/<str:code>/<str:role>/sign", signing.sign, Who.BUSINESS, "sign", methods=BOTH),
    page("packages/<str:code>/<str:role>/receipt", signing.receipt, Who.BUSINESS, "receipt"),
    page("packages/<str:code>/<str:role>/withdraw", withdrawing.withdraw, Who.BUSINESS, "withdraw", methods=BOTH),
    page("packages/<str:code>/<str:role>/met/<str:criterion>", withdrawing.met, Who.BUSINESS, "met", methods=POST),
    page("packages/<str:code>/certificate", documents.certificate, Who.SIGNED_IN, "certificate"),
    page("packages/<str:code>/bundle.zip", documents.bundle, Who.SIGNED_IN, "bundle"),
    page("packages/<str:code>/signatures.json", documents.signatures_json, Who.SIGNED_IN, "signatures-json"),
    page("packages/<str:code>/signatures.csv", documents.signatures_csv, Who.SIGNED_IN, "signatures-csv"),
    page("improvements", improvements.improvements, Who.SIGNED_IN, "improvements"),
    page("improvements.csv", improvements.improvements_csv, Who.SIGNED_IN, "improvements-csv"),
    page("board", board.board, Who.STAFF, "board"),
    page("board/<slug:slug>/<str:release>/<str:tier>", board.prepare, Who.QA, "prepare", methods=BOTH),
    page("board/tokens", board.tokens, Who.QA, "tokens", methods=BOTH),
    page("packages/<str:code>/remind", board.remind, Who.QA, "remind", methods=POST),
    page("people", people.people, Who.OFFICE, "people-seen"),
    page("people/add", people.add, Who.ADMIN, "people-add", methods=POST),
    page("people/<str:person>/invite", people.invite, Who.ADMIN, "invite", methods=POST),
    page("people/<str:person>/off", people.switch_off, Who.ADMIN, "switch-off", methods=POST),
    page("people/<str:person>/roles", people.ask_role, Who.ADMIN, "ask-role", methods=POST),
    page("roles/<int:grant>/agree", people.agree, Who.OFFICE, "agree", methods=POST),
    page("roles/<int:grant>/end", people.end, Who.ADMIN, "end-role", methods=POST),
    page("audit", audit.audit, Who.AUDITOR, "audit"),
    page("audit/verify", audit.verify_now, Who.AUDITOR, "verify-now", methods=POST),
    page("audit/ledger.zip", audit.export, Who.AUDITOR, "ledger"),
    page("audit/packages/<str:code>", audit.package, Who.AUDITOR, "audit-package"),
    path("api/v1/", include(api.urlpatterns)),
]
handler400 = "harness.portal.views.errors.bad_request"
handler403 = "harness.portal.views.errors.forbidden"
handler404 = "harness.portal.views.errors.not_found"
handler500 = "harness.portal.views.errors.broken"
