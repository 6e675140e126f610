"""How the worker logs: one JSON object a line on standard error, and no flood while a service is down."""

import logging
import sys
import time

import structlog


class Seldom(logging.Filter):
    """Lets the same complaint of a library through once in a while only.

    aiokafka repeats itself many times a second as long as a broker is away.
    """

    def __init__(self, pause_seconds: float = 30.0) -> None:
        super().__init__()
        self._pause_seconds = pause_seconds
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        place, now = (record.name, record.lineno), time.monotonic()
        if now - self._last.get(place, -self._pause_seconds) < self._pause_seconds:
            return False
        self._last[place] = now
        return True


def configure_logs() -> None:
    """Sets up logging for this process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(Seldom())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("opensearch").setLevel(logging.ERROR)  # it warns of every refused guard
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
