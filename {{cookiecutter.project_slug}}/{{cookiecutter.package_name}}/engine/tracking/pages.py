"""MLflow answers a search page by page."""

from collections.abc import Callable
from typing import Any


def all_pages(search: Callable[..., Any], **arguments: Any) -> list[Any]:
    """Return what a search of the client finds, on all its pages."""
    found, token = [], None
    while True:
        page = search(**arguments, page_token=token)
        found += page
        if not (token := page.token):
            return found
