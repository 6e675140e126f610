"""Clients of the services that kadr stands on, built from the settings of the stack."""

import logging
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from opensearchpy import AsyncOpenSearch, OpenSearch
from opensearchpy.exceptions import ConnectionError as NoConnection
from opensearchpy.exceptions import ConnectionTimeout, TransportError

from infra.settings import StackSettings

STORE_ERRORS = (MinioException, S3Error, ServerError, InvalidResponseError, urllib3.exceptions.HTTPError, OSError)


def async_search_engine(settings: StackSettings, *, timeout_seconds: float = 30.0) -> AsyncOpenSearch:
    """Builds an asynchronous client of OpenSearch that does not retry by itself; the caller closes it."""
    password = settings.opensearch_password.get_secret_value()
    return AsyncOpenSearch(
        settings.opensearch_url,
        http_auth=(settings.opensearch_user, password) if settings.opensearch_user else None,
        timeout=timeout_seconds,
        max_retries=0,
    )


def object_store(settings: StackSettings, *, timeout_seconds: float = 20.0) -> Minio:
    """Builds a client of the object store that gives up after one retry."""
    address = urlsplit(settings.minio_url)
    return Minio(
        address.netloc,
        access_key=settings.minio_access_key,
        secret_key=settings.minio_secret_key.get_secret_value(),
        secure=address.scheme == "https",
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=min(3.0, timeout_seconds), read=timeout_seconds),
            retries=urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
            maxsize=8,
        ),
    )


def search_engine(settings: StackSettings, *, timeout_seconds: float = 30.0) -> OpenSearch:
    """Builds a client of OpenSearch that does not try again by itself."""
    password = settings.opensearch_password.get_secret_value()
    return OpenSearch(
        hosts=[settings.opensearch_url],
        http_auth=(settings.opensearch_user, password) if settings.opensearch_user else None,
        timeout=timeout_seconds,
        max_retries=0,
        retry_on_timeout=False,
    )


def quiet_libraries() -> None:
    """Keeps the libraries from logging on the terminal what the commands say in their own words."""
    for name in ("aiokafka", "opensearch", "urllib3", "httpx"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def reason_of(error: BaseException) -> str:
    """Says in a few words why a service did not do what was asked."""
    match error:
        case S3Error():
            return f"{error.code}: {str(error.message).rstrip('.')}"
        case urllib3.exceptions.MaxRetryError() if error.reason is not None:
            return reason_of(error.reason)
        case urllib3.exceptions.NewConnectionError():  # One of urllib3's time-outs by inheritance.
            return "nothing listens there"
        case ConnectionTimeout() | urllib3.exceptions.TimeoutError() | TimeoutError():
            return "no answer in time"
        case NoConnection() | ConnectionRefusedError():
            return "nothing listens there"
        case TransportError():
            return f"{error.status_code}: {error.error}"
        case _:
            return type(error).__name__
