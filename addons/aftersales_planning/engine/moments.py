"""Between the database's naive UTC datetimes and seconds since 1970."""

from datetime import UTC, datetime


def to_seconds(moment):
    """Return a naive UTC datetime as seconds since 1970."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def to_datetime(seconds):
    """Return seconds since 1970 as a naive UTC datetime, as the database has it."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
