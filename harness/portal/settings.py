"""Django's settings, made of the environment: the only module of the portal that reads it at import.

What is not installed is meant: Django's admin site, its accounts, permissions and session tables.
"""

import os
import secrets
from pathlib import Path

from harness.portal import environment
from harness.portal.unlogged import keep_links_out

PORTAL = environment.read(os.environ)
_SECRET = PORTAL.data / "secret.key"

# without its file (a type checker, a test) nothing that is signed outlives the process
SECRET_KEY = _SECRET.read_text() if _SECRET.is_file() else secrets.token_hex(32)
DEBUG = False
ALLOWED_HOSTS = [str(PORTAL.origin.hostname), str(PORTAL.evidence_origin.hostname)]
ROOT_URLCONF = "harness.portal.urls"
INSTALLED_APPS = ["harness.portal.apps.Portal"]
MIDDLEWARE = [
    "harness.portal.middleware.headers.Headers",
    "harness.portal.middleware.origins.Origins",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "harness.portal.middleware.identity.Identity",
    "django.middleware.csrf.CsrfViewMiddleware",
]
DATABASES = {"default": environment.database(PORTAL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": ["harness.portal.pages.around"],
            "libraries": {"words": "harness.portal.templatetags.words"},
            "builtins": ["harness.portal.templatetags.words"],
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False  # words are ours, in harness/portal/words

SESSION_ENGINE = "harness.portal.sessions"
SESSION_COOKIE_NAME = f"{PORTAL.cookie_prefix}session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "harness.portal.views.errors.not_from_here"
CSRF_TRUSTED_ORIGINS: list[str] = []

PASSWORD_HASHERS = ["harness.portal.passwords.Argon2id"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024**2
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
SILENCED_SYSTEM_CHECKS = ["security.W001"]  # the headers are set by middleware of our own, on every answer
LOGGING_CONFIG = None
keep_links_out()
APPEND_SLASH = False
