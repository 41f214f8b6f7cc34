"""One settings file. What may be set from outside is read through `env`."""

from __future__ import annotations

import secrets
import socket
import sys

import dj_database_url
from django.conf import global_settings
from django.utils.translation import gettext_lazy as _

from annotator.config import accounts, mail
from annotator.config.env import BadSetting, Environment, libpq_parameters, make_folder
from annotator.config.places import (
    BASE,
    VAR,
    embedded_urls,
    read_secret,
    write_private,
)
from annotator.database.base import POOL
from revision_engine import base_models

BASE_DIR = BASE
ENV = Environment()
_embedded = embedded_urls()
ENV.folder("COACHLM_VAR", str(BASE / "var"), "Where all data is kept.")
make_folder("COACHLM_VAR", VAR / "static")


def _secret_key() -> str:
    """The kept one; a new one where it was lost or cut off: people sign in again."""
    path = VAR / "secret_key"
    if kept := read_secret(path, least=48):
        return kept
    write_private(path, made := secrets.token_urlsafe(48))
    return made


# Security
SECRET_KEY = (
    ENV.text("SECRET_KEY", "", "Signs sessions; by default made once under var/.")
    or _secret_key()
)
DEBUG = ENV.flag("DEBUG", default=False, meaning="Error pages for developers.")
ALLOWED_HOSTS = ENV.words(
    "ALLOWED_HOSTS",
    f"localhost,127.0.0.1,[::1],{socket.gethostname()}",
    "Host names the web server answers to, with commas between.",
)
CSRF_TRUSTED_ORIGINS = ENV.origins(
    "CSRF_TRUSTED_ORIGINS", "Origins behind a proxy, such as https://host."
)
HTTPS = ENV.flag(
    "HTTPS", default=False, meaning="Served over HTTPS only, by a proxy in front."
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
AUTH_USER_MODEL = "annotator.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_FAILURE_VIEW = "annotator.web.signing_in.refuse_token"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator")
] + [{"NAME": "annotator.services.accounts.TokenEnds"}]
SECOND_FACTOR_REQUIRED: bool
OIDC_MAKES_ACCOUNTS: bool
INVITATION_DAYS: int
globals().update(accounts.read(ENV, https=HTTPS))

# Mail
EMAIL_HOST: str
SITE_ADDRESS: str
globals().update(mail.read(ENV))

# The house
ROOT_URLCONF = "annotator.config.urls"
ASGI_APPLICATION = "annotator.config.asgi.application"
INSTALLED_APPS = [
    "annotator",
    "training",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "rest_framework.authtoken",
    *accounts.APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "annotator.web.compressing.PackedPages",
    "annotator.web.outage.Outages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "annotator.web.project.first_admin.FirstStart",
    "annotator.web.signing_in.SignedIn",
    "annotator.web.signing_in.SlidingSession",
    "annotator.web.second_factor.SecondFactors",
    "annotator.web.own_ways.OwnWays",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "annotator.web.http.WorkflowErrors",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {
                "moments": "annotator.web.moments",
                "navigation": "annotator.web.navigation",
                "punctuation": "annotator.web.punctuation",
                "tables": "annotator.web.tables",
            },
        },
    }
]
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"  # made above: whitenoise warns of a missing one
STATICFILES_DIRS = [BASE / "static"]
WHITENOISE_USE_FINDERS = True  # what is not collected is served as it lies
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Chinese"))]
LOCALE_PATHS = [BASE / "annotator" / "locale"]
TIME_ZONE = ENV.zone("TIME_ZONE", "UTC", "The time zone pages show times in.")
USE_TZ = True
FORMAT_MODULE_PATH = "annotator.config.dates"

# Servers
DATABASE_URL = ENV.address(
    "DATABASE_URL",
    "",
    "PostgreSQL to use instead of the embedded one: postgresql://user:pw@host/name.",
    schemes=("postgresql", "postgres"),
) or _embedded.get("DATABASE_URL", "")
DATABASES: dict[str, dict[str, object]] = {}
if DATABASE_URL:
    _server = dj_database_url.parse(DATABASE_URL)
    if not str(_server["ENGINE"]).endswith("postgresql"):
        raise BadSetting("DATABASE_URL must be a postgresql:// address.")
    _parameters = libpq_parameters("DATABASE_URL", _server.get("OPTIONS", {}))
    DATABASES["default"] = {
        **_server,
        "ENGINE": "annotator.database",
        "OPTIONS": {
            "connect_timeout": 2,  # the least that PostgreSQL's library knows
            # A machine that vanished is noticed, which a stopped server is not by TCP.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            **_parameters,
            # A pool, since each request of an ASGI server may come on another thread.
            "pool": POOL,
        },
    }
elif not {
    *(
        "migrate",
        "runserver",
        "load_demo",
        "load_demo_weeks",
        "import_pairs",
        "export",
        "recount",
        "first_admin",
    )
}.isdisjoint(sys.argv):
    raise BadSetting(
        "No database is running: start ./coachlm up in another terminal, or set "
        "DATABASE_URL."
    )
CACHES = {
    # Counts of wrong tries: all web processes ask it, and it outlives them.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "annotator_sharedcacherow",
        "OPTIONS": {"MAX_ENTRIES": 100_000, "CULL_FREQUENCY": 10},
    },
    # Figures that a desk asks for at every pair, each process its own.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
DATABASE_SILENT_SECONDS = ENV.whole(
    "DATABASE_SILENT_SECONDS",
    20,
    "Seconds without a word from PostgreSQL after which a page gives its query up, and "
    "a worker asks whether anybody is answered.",
)
CELERY_BROKER_URL = ENV.address(
    "CELERY_BROKER_URL",
    "",
    "Valkey, Redis or RabbitMQ to use instead of the embedded Valkey.",
    schemes=("redis", "rediss", "sentinel", "amqp", "amqps", "memory"),
) or _embedded.get("CELERY_BROKER_URL", "memory://")

# Celery: the row is the job, the message is a hint
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "app"
CELERY_TASK_ROUTES = {
    "revision_engine.generate_drafts": {"queue": "engine"},
    "revision_engine.write_candidate": {"queue": "interactive"},
    "training.train_coach": {"queue": "training"},
    "annotator.carry_out_study": {"queue": "training"},
    "annotator.carry_out_coach_study": {"queue": "training"},
    "annotator.compare_backbones": {"queue": "training"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outlives any outage
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
if CELERY_BROKER_URL.startswith("amqp"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in {
        "annotator.keep_drafts_ahead": 10.0,
        "annotator.continue_rewrites": 10.0,
        "annotator.continue_auditions": 10.0,
        "annotator.read_imports": 10.0,
        "annotator.delete_projects": 10.0,
        "annotator.sweep_uploads": 3600.0,
        "annotator.look_into_inbox": 10.0,
        "annotator.run_waiting_rules": 10.0,
        "annotator.write_exports": 10.0,
        "annotator.forget_exports": 3600.0,
        "annotator.make_dataset_reports": 10.0,
        "annotator.forget_dataset_reports": 3600.0,
        "annotator.start_next_study": 10.0,
        "annotator.start_next_coach_study": 10.0,
        "annotator.start_next_comparison": 10.0,
        "annotator.push_adapters": 10.0,
        "annotator.accept_unsampled": 10.0,
        "annotator.release_expired_leases": 30.0,
        "annotator.take_back": 10.0,
        "annotator.take_back_candidates": 10.0,
        "annotator.retrain_when_due": 60.0,
        "annotator.settle_challenges": 60.0,
        "annotator.refit_estimates": 300.0,
        "annotator.go_on_alone": 300.0,
        "annotator.watch_drift": 60.0,
        "annotator.fold_tallies": 10.0,
        "annotator.tell_of_training": 30.0,
        "annotator.tell_of_rewrites": 300.0,
        "annotator.tell_of_days": 3600.0,
        "annotator.forget_notices": 3600.0,
        "annotator.forget_tries": 3600.0,
        "annotator.mail_at_once": 60.0,
        "annotator.call_hooks": 10.0,
        "annotator.mail_digests": 600.0,
        "training.start_next_run": 10.0,
        "training.fail_silent_runs": 30.0,
    }.items()
}
CELERY_BEAT_SCHEDULE["annotator.hear_from"] = {
    "task": "annotator.hear_from",
    "args": ["beat"],
    "schedule": 10.0,
    "options": {"expires": 10.0},
}

# The coach
REVISION_BACKEND = ENV.dotted(
    "REVISION_BACKEND",
    "revision_engine.backends.local.LocalBackend",
    "Dotted path of the class that runs coaches.",
    is_class=True,
)
BASE_MODEL = ENV.text(
    "COACHLM_BASE_MODEL",
    base_models.DEFAULT,
    "Base of new coaches: a packaged model, a local folder or a Hugging Face id.",
)
BASE_MODELS = ENV.words(
    "COACHLM_BASE_MODELS",
    "",
    "Other base models that runs may ask for, with commas between.",
)
MODELS_FOLDER = ENV.folder(
    "COACHLM_MODELS",
    str(VAR / "models"),
    "Where unpacked base models and converted coaches are kept.",
)
COACH_STORE = ENV.folder(
    "COACHLM_COACHES", str(VAR / "coaches"), "Where adapters are kept, by digest."
)
ADAPTER_LICENCE = ENV.text(
    "ADAPTER_LICENCE",
    "",
    "Licence that the model card of a downloaded adapter names, as an SPDX identifier.",
)
HUB_REPOSITORY = ENV.text(
    "COACHLM_HUB_REPOSITORY",
    "",
    "Repository of a hub that adapters are pushed to, such as name/coach-{project}.",
)
HUB_TOKEN = ENV.text("COACHLM_HUB_TOKEN", "", "Token that may write to it.")
HUB_ENDPOINT = ENV.text(
    "COACHLM_HUB_ENDPOINT", "", "Address of another hub than Hugging Face's."
)
HUB_PRIVATE = ENV.flag(
    "COACHLM_HUB_PRIVATE",
    default=True,
    meaning="A repository that a push makes is private.",
)
ADAPTER_MOST_BYTES = ENV.whole(
    "ADAPTER_MOST_BYTES",
    2_000_000_000,
    "Bytes that an adapter may have, unpacked, which comes in as a zip.",
    least=1_000_000,
    most=100_000_000_000,
)
COACH_STORAGE = ENV.dotted(
    "COACHLM_COACH_STORAGE",
    "",
    "Dotted path of a Django storage class that all machines share, for adapters.",
    is_class=True,
)
COACH_STORAGE_OPTIONS = ENV.options(
    "COACHLM_COACH_STORAGE_OPTIONS", "Options of that class, as JSON."
)
STORAGES = global_settings.STORAGES | {
    "staticfiles": {
        "BACKEND": "annotator.config.static_files.BundledStaticFilesStorage"
    }
}
if COACH_STORAGE:
    STORAGES = STORAGES | {
        "coaches": {"BACKEND": COACH_STORAGE, "OPTIONS": COACH_STORAGE_OPTIONS}
    }
SHIPPED_COACH = str(BASE / "training" / "shipped" / "coachlm-smollm2-135m")
DRAFT_BATCH_SIZE = ENV.whole("DRAFT_BATCH_SIZE", 32, "Pairs a message to the engine.")
# Read by the engine itself, which knows no Django; here they are checked.
ENV.whole("ENGINE_ROWS", 32, "Texts the engine writes at once.")
ENV.whole("ENGINE_CACHE_MB", 1024, "Most memory of the engine's key-value cache.")
ENV.address(
    "OPENAI_BASE_URL",
    "http://127.0.0.1:8001/v1",
    "Server of the OpenAI backend.",
    schemes=("http", "https"),
)
ENV.text("OPENAI_API_KEY", "", "Its key.")
ENV.text("OPENAI_MODEL", "", "Model to ask for; else the adapter's key, or the base.")
ENV.whole("OPENAI_CONCURRENCY", 8, "Requests under way at once.")
ENV.whole("OPENAI_TIMEOUT_SECONDS", 120, "Seconds without a byte from the server.")
ENV.whole("OPENAI_TRIES", 5, "Tries a request, with growing waits.")
ENV.whole("OPENAI_MAX_NEW_TOKENS", 1024, "Most tokens of an answer.")
ENV.flag(
    "OPENAI_LOAD_ADAPTERS",
    default=False,
    meaning="Have vLLM load a promoted coach's adapter.",
)
JUDGE_MODEL_FILE = ENV.text(
    "JUDGE_MODEL_FILE",
    str(BASE / "training" / "shipped" / "judge" / "preference_model.json"),
    "The embedded judge, as ./coachlm fit_judge writes it.",
)
JUDGE_BASE_URL = ENV.address(
    "JUDGE_BASE_URL",
    "",
    "OpenAI-compatible server that judges, such as http://127.0.0.1:8001/v1.",
    schemes=("http", "https"),
)
JUDGE_API_KEY = ENV.text("JUDGE_API_KEY", "", "Its key.")
JUDGE_MODEL = ENV.text("JUDGE_MODEL", "", "The model on it that judges.")
JUDGE_CONCURRENCY = ENV.whole(
    "JUDGE_CONCURRENCY", 8, "Questions to the judge under way at once."
)
JUDGE_TIMEOUT_SECONDS = ENV.whole(
    "JUDGE_TIMEOUT_SECONDS", 120, "Seconds without a byte from the judge."
)
JUDGE_TRIES = ENV.whole("JUDGE_TRIES", 5, "Tries a question, with growing waits.")
JUDGE_MAX_NEW_TOKENS = ENV.whole(
    "JUDGE_MAX_NEW_TOKENS", 512, "Most tokens of a judge's answer."
)
JUDGE_PROMPT_PRICE = ENV.amount(
    "JUDGE_PROMPT_PRICE", 0.0, "Price of a million tokens that the judge reads."
)
JUDGE_COMPLETION_PRICE = ENV.amount(
    "JUDGE_COMPLETION_PRICE", 0.0, "Price of a million tokens that it writes."
)
JUDGE_ANSWERS = ENV.folder(
    "COACHLM_JUDGED", str(VAR / "judged"), "Where a judge's answers are kept."
)
DRAFT_STALE_MINUTES = ENV.whole(
    "DRAFT_STALE_MINUTES",
    10,
    "Minutes after which work that no engine has begun is sent again.",
)
ENGINE_SILENT_SECONDS = ENV.whole(
    "ENGINE_SILENT_SECONDS",
    45,
    "Seconds of silence after which an engine is dead, and its work taken back.",
    least=5,
)
TRAINING_RECIPE = ENV.dotted(
    "TRAINING_RECIPE",
    "training.recipes.coach_lora",
    "Module that trains a coach, run as a process of its own.",
    is_class=False,
)
PREFERENCE_RECIPE = ENV.dotted(
    "PREFERENCE_RECIPE",
    "training.recipes.coach_preference",
    "Module that teaches a coach what people preferred, likewise.",
    is_class=False,
)
UPLOADS = ENV.folder(
    "COACHLM_UPLOADS",
    str(VAR / "uploads"),
    "Where files lie until their pairs are in; the web and the app worker share it.",
)
INBOX = ENV.folder(
    "COACHLM_INBOX",
    str(VAR / "inbox"),
    "Files that are put into a folder in it, named like a project, are imported there.",
)
UPLOAD_MAX_BYTES = ENV.whole(
    "UPLOAD_MAX_BYTES",
    20_000_000_000,
    "The largest file that is taken in, in bytes.",
    least=1,
    most=10**15,
)
UPLOAD_HOURS = ENV.whole(
    "UPLOAD_HOURS",
    24,
    "Hours for which an upload that broke off can be gone on with.",
    least=1,
    most=8760,
)
READ_AT_ONCE_BYTES = ENV.whole(
    "READ_AT_ONCE_BYTES",
    2_000_000,
    "Files up to this size are read while the person waits; larger ones by the worker.",
    least=0,
    most=1_000_000_000,
)
EXPORTS = ENV.folder(
    "COACHLM_EXPORTS",
    str(VAR / "exports"),
    "Where exports lie until they are fetched; the web and the app worker share it.",
)
EXPORT_KEEP_DAYS = ENV.whole(
    "EXPORT_KEEP_DAYS", 30, "Days after which an export's file is deleted.", most=3650
)
DATASET_REPORTS = ENV.folder(
    "COACHLM_DATASET_REPORTS",
    str(VAR / "dataset-reports"),
    "Where files and ratings of dataset reports lie until they are made; the web and "
    "the app worker share it.",
)
RUNS_FOLDER = ENV.folder(
    "COACHLM_RUNS", str(VAR / "runs"), "Where training runs keep their files."
)
TRAINING_INSTALLATION = VAR / "training.json"
"""What `./coachlm up` says while it installs what training needs."""
UNDO_SECONDS = ENV.whole(
    "UNDO_SECONDS", 30, "Seconds for which a deed at a desk can be taken back."
)
CANDIDATE_SILENT_SECONDS = ENV.whole(
    "CANDIDATE_SILENT_SECONDS",
    120,
    "Seconds after which a candidate that no engine has begun has failed.",
)
RUN_SILENT_MINUTES = ENV.whole(
    "RUN_SILENT_MINUTES", 5, "Minutes of silence after which a run is failed."
)
RUN_MLFLOW = ENV.text(
    "RUN_MLFLOW",
    "",
    "Tracking address of MLflow that training runs are logged to, if it is installed.",
)
RUN_WANDB = ENV.text(
    "RUN_WANDB",
    "",
    "Project of Weights & Biases that training runs are logged to, if it is installed.",
)
HELD_OUT_SHARE = ENV.share(
    "HELD_OUT_SHARE", 0.1, "Share of accepted reviews no coach is ever trained on."
)
REPORT_FONT = ENV.file(
    "REPORT_FONT",
    "TrueType font file for PDF reports; without one they have Latin letters only.",
    kind="a TrueType or OpenType font",
    starts=(b"\0\1\0\0", b"true", b"OTTO", b"ttcf"),
)
DEMO = ENV.flag(
    "COACHLM_DEMO", default=True, meaning="Load the demo into an empty installation."
)

# Uploads stream to disk; a form's text fields stay in memory
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "annotator.api.parsers.JsonBody",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "EXCEPTION_HANDLER": "annotator.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "revision_engine": {"level": "INFO"},
        "training": {"level": "INFO"},
        # It repeats each failed attempt; annotator.database says once what is wrong.
        "psycopg.pool": {"level": "ERROR"},
    },
}
