"""Uploads: one file with the details that stand beside it in a form, read within the limit of all bodies."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from api.middleware import LARGEST_BODY
from core.errors import FieldError, Invalid
from core.evidence.intake import TakenFile, take_file
from core.evidence.schemas import EvidenceFile
from core.jobs.schemas import JobOptions
from core.settings import Settings

MULTIPART: Final = "multipart/form-data"
JSON: Final = "application/json"
MOST_FIELDS: Final = 20
LONGEST_FIELD: Final = 64 * 1024
Body = TypeVar("Body", bound=BaseModel)
FORM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "PDF, DOCX, XLSX, CSV, TXT, MD or HTML"},
        "title": {"type": "string", "maxLength": 200, "description": "by default the file's name"},
        "source": {"type": "string", "maxLength": 200, "description": "where it comes from"},
        "published_at": {"type": "string", "description": "a date, or a moment with its offset"},
        "redact": {"type": "boolean", "default": False, "description": "take personal data out, keep no original"},
        "job": {"type": "string", "contentMediaType": JSON, "description": "options of the job, as JSON"},
    },
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent, ready to be stored; `fingerprint` is the same for the same file and details."""

    taken: TakenFile
    options: JobOptions | None
    fingerprint: bytes


class _Parser(MultiPartParser):
    """Keeps files in memory, which the limit of bodies bounds: what is to be redacted is written nowhere."""

    spool_max_size = LARGEST_BODY + 1


def media_type_of(request: Request) -> str:
    """Return the media type of a request's body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_json(request: Request, model: type[Body]) -> Body:
    """Return a JSON body; raises RequestValidationError as FastAPI does."""
    return validated(model, await request.body())


async def read_upload(request: Request) -> Upload:
    """Return the file of a form; raises Invalid or RequestValidationError naming the field."""
    if media_type_of(request) != MULTIPART:
        raise Invalid([FieldError(("body",), f"must be {MULTIPART} with a file")])
    name, data, fields = await read_form(request)
    about = validated(EvidenceFile, fields)
    settings: Settings = request.app.state.settings
    taken = await asyncio.to_thread(take_file, settings, name, data, about)
    spelled = json.dumps({"name": name, "sha256": taken.sha256, "fields": fields}, sort_keys=True)
    return Upload(taken, about.job, hashlib.sha256(spelled.encode(errors="surrogatepass")).digest())


async def read_form(request: Request) -> tuple[str, bytes, dict[str, str]]:
    """Return the name of a form's file, its bytes and the fields beside it; raises Invalid, HTTPException 400."""
    await request.body()  # kept by the request, so that the limit of bodies is met before anything is read of it
    parser = _Parser(
        request.headers, request.stream(), max_files=1, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        detail = error.message if isinstance(error, MultiPartException) else "it is no form"
        raise HTTPException(400, detail) from None
    try:
        return await _parts(form)
    finally:
        await form.close()


async def _parts(form: FormData) -> tuple[str, bytes, dict[str, str]]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Invalid([FieldError(("body", "file"), "is needed: a file with its name")])
    items = form.multi_items()
    fields = {key: value for key, value in items if isinstance(value, str)}
    if len(items) != len(fields) + 1:
        raise Invalid([FieldError(("body",), "must have each field once")])
    # What a page leaves empty is sent as nothing.
    return file.filename or "", await file.read(), {key: value for key, value in fields.items() if value}


def validated(model: type[Body], given: bytes | dict[str, str]) -> Body:
    """Return what was sent as a model; raises RequestValidationError with places inside of the body."""
    try:
        return model.model_validate_json(given) if isinstance(given, bytes) else model.model_validate_strings(given)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(found, body=None) from None
