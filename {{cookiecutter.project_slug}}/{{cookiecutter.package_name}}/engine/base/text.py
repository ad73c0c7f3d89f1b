"""Text from outside: in UTF-8, and without passwords."""

import os
import re

# up to the last @, since a password may have one; and if it has a /, there is no port before it
ACCOUNT = re.compile(r"""(?<=://)(?:[^\s/"'<>]*|[^\s/@:"'<>]*:(?!\d+/)[^\s"'<>]*)@""")
# a path, too, since libraries cite one without its host
QUERY = re.compile(r"""([?&][\w.~%\[\]-]+=)[^\s&#"'<>]+""")


def masked(text: str) -> str:
    """Take user names, passwords and the values of queries out of the addresses in a text."""
    return QUERY.sub(r"\1***", ACCOUNT.sub("***@", text))


def without_account(url: str) -> str:
    """Return an address that works for others: without user name, password and query."""
    return ACCOUNT.sub("", url).partition("?")[0]


def as_utf8(text: str) -> str:
    """Return text of the system or the environment as UTF-8 has it, whatever the locale."""
    return os.fsencode(text).decode("utf-8", "replace")
