"""What every environment shares. Values that sites set are read through ``env`` (see README, Configuration)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from kombu import Queue

from plm_project.ops.logging import logging_config
from plm_project.settings.env import BASE_DIR, VAR_DIR, env, site_url

DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
ROOT_URLCONF = "plm_project.urls"
ASGI_APPLICATION = "plm_project.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    "daphne",
    "plm_project.ops",
    "plm_project.tenancy",  # before django.core's commands: it brings its own migrate and flush
    "plm_project.accounts",
    "plm_project.outbox",
    "plm_project.api",
    "plm_project.web",
    "plm_project.jobs",
    "plm_project.admin_site.PlmAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "simple_history",
    "django_fsm",
    "django_htmx",
    "axes",
    "csp",
    "products",
    "changes",
    "collaboration",
    "compliance",
    "integrations",
    "plm_project.analytics",
    "plm_project.demo",
]

MIDDLEWARE = [
    "plm_project.ops.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "plm_project.accounts.middleware.ActorMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "plm_project.web.context_processors.page",
            ],
        },
    }
]

# --- database: SQLite by default, PostgreSQL by DATABASE_URL -----------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'plm.sqlite3'}")
}
# On PostgreSQL every connection takes on this role, which row-level security binds; only migrate and flush step out.
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", default="plm_app")


def configure_database(config: dict[str, Any]) -> None:
    """Set the engine's options: an immediate lock on SQLite, a connection pool on PostgreSQL."""
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"].endswith("sqlite3"):
        options.update(
            transaction_mode="IMMEDIATE",
            timeout=20,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        )
        if config["NAME"] not in ("", ":memory:"):
            Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        return
    # Compiling a recursive statement takes PostgreSQL longer than running it: 430 of 640 ms, measured (docs/benchmarks.md).
    options.setdefault("options", "-c jit=off")
    if env.bool("DATABASE_POOL", default=True):
        config["CONN_MAX_AGE"] = 0
        options.setdefault(
            "pool", {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", default=16), "timeout": 10}
        )


configure_database(DATABASES["default"])

# --- cache, channel layer, tasks: in process by default, Redis by REDIS_URL ----------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    from plm_project.core.redis_lines import LayerConnection

    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            # The layer waits 5 s for a message at a time. redis-py gives up after 5 s, too, and a quiet socket would die.
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 20, "connection_class": LayerConnection}]},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_TASK_DEFAULT_QUEUE", default="plm")  # one installation's own at its broker
# A queue for each neighbour, so that a slow one harms no other. A worker without -Q hears them all.
CELERY_TASK_QUEUES = [
    Queue(name)
    for name in (
        CELERY_TASK_DEFAULT_QUEUE,
        *(
            f"{CELERY_TASK_DEFAULT_QUEUE}.{neighbour}"
            for neighbour in (
                "auth_rbac", "audit_compliance", "manufacturing", "digital_twin_marketplace", "document_management",
                "ai_orchestration", "notification_engine", "enterprise_asset_management", "federated_learning",
                "real_time_collaboration", "core_financials", "procurement_purchasing", "webhook",
            )
        ),
    )
]  # fmt: skip
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "audit-seal": {"task": "audit.seal", "schedule": 60.0},
    "audit-seal-late": {"task": "audit.seal_late", "schedule": 3600.0},
    "outbox-sweep": {"task": "outbox.relay_all", "schedule": 30.0},
    "idempotency-expire": {"task": "api.idempotency_expire", "schedule": 3600.0},
    "notices-sweep": {"task": "notices.send_due", "schedule": 30.0},
    "collaboration-end-idle": {"task": "collaboration.end_idle", "schedule": 3600.0},
    "compliance-expire": {"task": "compliance.expire", "schedule": 3600.0},
    "changes-approvals-chase": {"task": "changes.approvals_chase", "schedule": 900.0},
    "jobs-look-after": {"task": "jobs.look_after", "schedule": 30.0},
    "jobs-sweep": {"task": "jobs.sweep", "schedule": 3600.0},
    "integrations-keep-registered": {"task": "integrations.capability_keep_registered", "schedule": 60.0},
    "integrations-send-due": {"task": "integrations.send_due", "schedule": 5.0},
}

# --- audit trail ---------------------------------------------------------------------------------------------------
AUDIT_KEY = env.str("AUDIT_KEY", default="")  # makes the keys of history rows; without one, SECRET_KEY does

# --- integrations: calls to neighbouring systems -----------------------------------------------------------------------
# Tokens lie encrypted by the first of these keys; the others still open what they sealed.
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS", default=[])
INTEGRATIONS_ALLOW_PRIVATE = env.bool("INTEGRATIONS_ALLOW_PRIVATE", default=False)  # into our own network
INTEGRATIONS_INLINE = False
# The platform that is told of this installation (``manage.py capability_register``); none: nobody is told.
PLATFORM_URL = env.str("PLATFORM_URL", default="")
PLATFORM_TOKEN = env.str("PLATFORM_TOKEN", default="")

# --- jobs: long work beside the requests -----------------------------------------------------------------------------------
JOBS_KEPT_DAYS = env.int("JOBS_KEPT_DAYS", default=30)  # after their end
JOBS_TIME_LIMIT = env.int("JOBS_TIME_LIMIT", default=2 * 3600)  # seconds, in a Celery worker
JOBS_INLINE = (
    False  # whether a job is carried out before the answer goes out where there is no broker; else a thread does it
)
IMPORT_IN_REQUEST_ROWS = env.int("IMPORT_IN_REQUEST_ROWS", default=1_000)  # a file of more rows is imported by a job

# --- accounts ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "accounts:login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # widgets of our own lie in templates/
CSRF_FAILURE_VIEW = "plm_project.web.errors.csrf_failure"
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURE_LIMIT", default=8)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "plm_project.accounts.views.attempted_address"
AXES_CLIENT_IP_CALLABLE = "plm_project.accounts.addresses.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# --- mail: the link by which people choose their password; notices ---------------------------------------------------------
_mail: dict[str, Any] = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND: str = _mail["EMAIL_BACKEND"]
EMAIL_HOST: str = _mail["EMAIL_HOST"] or "localhost"
EMAIL_PORT: int = _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER: str = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD: str = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS: bool = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH: str | None = _mail["EMAIL_FILE_PATH"] or None
EMAIL_TIMEOUT = 10  # seconds: somebody waits for the answer
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="plm@localhost")
# Links in mails that no request asked for. Not taken from ALLOWED_HOSTS: that may name several hosts, or all.
SITE_URL = site_url("SITE_URL", default="http://127.0.0.1:" + env.str("PORT", default="8000"))

# --- history, numbers, languages -----------------------------------------------------------------------------------
SIMPLE_HISTORY_REVERT_DISABLED = True  # Revert would carry a record past its state machine
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = False
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["plm_project.web.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# --- API -----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["plm_project.api.envelope.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["plm_project.api.parsers.ExactJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["plm_project.api.authentication.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["plm_project.api.permissions.DeclaredPermission"],
    "DEFAULT_PAGINATION_CLASS": "plm_project.api.pagination.PagePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["plm_project.api.throttles.MinuteThrottle", "plm_project.api.throttles.HourThrottle"],
    "DEFAULT_SCHEMA_CLASS": "plm_project.api.schema.EnvelopeSchema",
    "EXCEPTION_HANDLER": "plm_project.api.errors.exception_handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
}
PLM_THROTTLE_MINUTE = env.int("API_LIMIT_MINUTE", default=100)
PLM_THROTTLE_HOUR = env.int("API_LIMIT_HOUR", default=1000)
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "PLM API",
    "DESCRIPTION": "Products, structures and engineering changes. Answers come in one envelope; decimals are strings.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/plm/",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "RuleEnum": "products.choices.Rule",
        "FindingKindEnum": "products.choices.FindingKind",
        "OptionRuleKindEnum": "products.choices.OptionRuleKind",
        "ProductStatusEnum": "products.choices.ProductStatus",
        "ChangeStatusEnum": "changes.choices.ChangeStatus",
        "RequestStatusEnum": "changes.choices.RequestStatus",
        "SourceStatusEnum": "products.choices.SourceStatus",
        "PriorityEnum": "changes.choices.Priority",
        "DisposalEnum": "changes.choices.Disposal",
        "AffectedActionEnum": "changes.choices.AffectedAction",
        "ActionEnum": ("created", "changed", "deleted"),
        "NoticeKindEnum": "collaboration.choices.NoticeKind",
        "NoticePriorityEnum": "collaboration.choices.NoticePriority",
        "SessionStatusEnum": "collaboration.choices.SessionStatus",
        "ParticipantRoleEnum": "collaboration.choices.ParticipantRole",
        "ProductTypeEnum": "products.choices.ProductType",
        "ComplianceStatusEnum": "compliance.choices.ComplianceStatus",
        "StateEnum": "products.choices.RevisionState",
        "JobStateEnum": "plm_project.jobs.choices.JobState",
        "DeliveryStateEnum": "integrations.choices.DeliveryState",
        "RoleEnum": "plm_project.accounts.roles.Role",
        "ApprovalWeightEnum": "changes.choices.RuleWeight",
        "ApprovalQuorumEnum": "changes.choices.Quorum",
        "ComplianceReadingEnum": "compliance.choices.READINGS",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "plm_project.api.schema.postprocess"],
    "PREPROCESSING_HOOKS": ["plm_project.api.schema.preprocess"],
}

# --- static files and uploads --------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    # What people attach, by content (core/file_store.py). Nothing serves this folder: downloads ask who may.
    "files": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT / "files"), "base_url": None},
    },
}
# S3-compatible storage: FILES_STORAGE=storages.backends.s3.S3Storage and FILES_STORAGE_OPTIONS={"bucket_name": …} as JSON
# (the extra "s3"; docs/files.md). Without them the folder above.
if FILES_STORAGE := env.str("FILES_STORAGE", default=""):
    STORAGES["files"] = {"BACKEND": FILES_STORAGE, "OPTIONS": env.json("FILES_STORAGE_OPTIONS", default={})}
DOCUMENT_MAX_BYTES = env.int("DOCUMENT_MAX_MB", default=200) * 2**20
# Whether a model is converted before the answer goes out where there is no broker; else a thread does it.
MODELS_PREPARED_INLINE = False
COMPLIANCE_EVIDENCE_LIMIT = env.int("EVIDENCE_LIMIT_MB", default=25) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_PERMISSIONS = 0o640

# --- security headers ----------------------------------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    },
}

LOG_FORMAT = env.str("LOG_FORMAT", default="json")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logging_config(format=LOG_FORMAT, level=LOG_LEVEL)
LOGGING_CONFIG = "logging.config.dictConfig"

DEMO_ALLOWED = env.bool("DEMO_ALLOWED", default=False)  # the demo's passwords are public
COLLABORATION_IDLE_HOURS = env.float("COLLABORATION_IDLE_HOURS", default=12.0)  # then an abandoned session ends
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
