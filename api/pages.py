"""Small pages for people whose mail program opens a link of the API: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Vary": "Accept",
}


def wants_page(request: Request) -> bool:
    """Tell whether a browser asks, as opposed to a program."""
    return "text/html" in request.headers.get("accept", "")


def page(title: str, text: str, *, status: int = 200) -> HTMLResponse:
    """Return a page that says one thing."""
    content = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title>"
        "<style>body{font-family:system-ui,sans-serif;background:#f4f6f9;color:#1d2733;margin:0}"
        "main{max-width:28rem;margin:15vh auto 0;padding:2rem;background:#fff;border-radius:8px}"
        "h1{font-size:1.25rem;margin-top:0}p{line-height:1.5;margin-bottom:0}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(text)}</p></main></body></html>\n"
    )
    return HTMLResponse(content, status, headers=HEADERS)
