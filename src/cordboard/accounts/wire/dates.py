"""The dates of the 2010 API and of ``iam``: ``Tue, 31 Aug 2010 20:36:28 +0000``, RFC 2822, in UTC."""

from datetime import UTC, datetime
from email.utils import format_datetime

from cordboard.kernel.clock import MILLISECONDS


def rfc2822(at: int) -> str:
    """A time in whole seconds."""
    return format_datetime(datetime.fromtimestamp(at // MILLISECONDS, UTC))
