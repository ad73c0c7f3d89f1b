"""Text from the environment, as UTF-8 and without passwords; amounts as text; names that come twice."""

import os
import re
from collections import Counter
from collections.abc import Iterable

# up to the last @, since a password may contain one; a / is part of it unless a port precedes the /
ACCOUNT = re.compile(r"""(?<=://)(?:[^\s/"'<>]*|[^\s/@:"'<>]*:(?!\d+/)[^\s"'<>]*)@""")
# of a path, too, since libraries quote one without its host
QUERY = re.compile(r"""([?&][\w.~%\[\]-]+=)[^\s&#"'<>]+""")


def masked(text: str) -> str:
    """Replace user names, passwords and the values of queries in a text's URLs by `***`."""
    return QUERY.sub(r"\1***", ACCOUNT.sub("***@", text))


def without_account(url: str) -> str:
    """Return a URL without user name, password and query, so that it can be passed on."""
    return ACCOUNT.sub("", url).partition("?")[0]


def as_utf8(text: str) -> str:
    """Return text from the operating system or its environment as it is in UTF-8, whatever the locale."""
    return os.fsencode(text).decode("utf-8", "replace")


def megabytes(count: int | None) -> str:
    """Format a number of bytes in MB; empty if it is not known."""
    return "" if count is None else f"{count / 1e6:.1f} MB"


def repeated(names: Iterable[str]) -> list[str]:
    """Return those of the names that come more than once, each once, in their order."""
    return [name for name, times in Counter(names).items() if times > 1]
