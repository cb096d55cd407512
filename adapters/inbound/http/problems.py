"""Errors as answers: each with a code of the contract, as an RFC 9457 problem, in the envelope or bare."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from adapters.inbound.http import bodies
from adapters.inbound.http.answers import encode, envelope
from core.domain import errors

log = logging.getLogger(__name__)

CHALLENGE = 'Password realm="orderport"'
RETRY_SECONDS = "1"
PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the contract's table of errors; `detail` is for people and may be made more exact."""

    status: int
    code: str
    title: str
    detail: str


BAD_REQUEST = Problem(400, "bad_request", "Bad request", "The request cannot be understood.")
NOT_FOUND = Problem(404, "not_found", "Not found", "There is no such route.")
METHOD_NOT_ALLOWED = Problem(
    405, "method_not_allowed", "Method not allowed", "Allow lists what is served here."
)
UNKNOWN_CUSTOMER = Problem(
    422, "unknown_customer", "Unknown customer", "The order names a customer that does not exist."
)
UNKNOWN_PRODUCT = Problem(
    422, "unknown_product", "Unknown product", "The order names products that do not exist."
)
STORAGE_UNAVAILABLE = Problem(
    503,
    "storage_unavailable",
    "Storage unavailable",
    "Storage gave no answer in time; a change may have been stored.",
)
OVERLOADED = Problem(503, "overloaded", "Overloaded", "Too much is going on; nothing was changed.")
INTERNAL_ERROR = Problem(
    500, "internal_error", "Internal error", "The request could not be served."
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    bodies.MalformedJson: Problem(
        400, "malformed_json", "Malformed JSON", "The body must be a JSON object in UTF-8."
    ),
    errors.Invalid: Problem(
        400,
        "validation_failed",
        "Validation failed",
        "Some fields break the rules; errors names them.",
    ),
    errors.InvalidCredentials: Problem(
        401, "invalid_credentials", "Invalid credentials", "Email or password is wrong."
    ),
    errors.NotFound: Problem(404, "not_found", "Not found", "There is no such {}."),
    bodies.BodyTimeout: Problem(
        408, "request_timeout", "Request timeout", "The body was not complete in time."
    ),
    errors.EmailTaken: Problem(409, "email_taken", "Email taken", "Another user has that email."),
    bodies.BodyTooLarge: Problem(
        413,
        "body_too_large",
        "Body too large",
        f"The body may have {bodies.MOST_BYTES:,} bytes at most.",
    ),
    bodies.UnsupportedMediaType: Problem(
        415,
        "unsupported_media_type",
        "Unsupported media type",
        "The body must be plain application/json in UTF-8.",
    ),
    errors.StorageUnavailable: STORAGE_UNAVAILABLE,
    TimeoutError: STORAGE_UNAVAILABLE,
    errors.Overloaded: OVERLOADED,
    bodies.Stopping: OVERLOADED,
    bodies.ClientGone: BAD_REQUEST,
}

_FRAMEWORK = {400: BAD_REQUEST, 404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}


def answer_error(request: Request[None, None, State], error: Exception) -> Response[bytes]:
    """Answer any error: those of the core and of body reading by the table, the framework's own by their status."""
    headers = {"Vary": "Accept"}
    faults: Sequence[errors.Fault] = ()
    problem = PROBLEMS.get(type(error), INTERNAL_ERROR)
    detail = problem.detail
    match error:
        case errors.Invalid():
            faults = error.faults
        case errors.UnknownReference():
            problem = UNKNOWN_CUSTOMER if error.customer else UNKNOWN_PRODUCT
            detail = problem.detail
            faults = error.faults
        case errors.NotFound():
            detail = problem.detail.format(error)
        case errors.InvalidCredentials():
            headers["WWW-Authenticate"] = CHALLENGE
        case bodies.BodyTimeout() | bodies.Stopping():
            headers["Connection"] = "close"
        case HTTPException(status_code=status) if status in _FRAMEWORK or 400 <= status < 500:
            problem = _FRAMEWORK.get(status, BAD_REQUEST)
            detail = problem.detail
            if problem is METHOD_NOT_ALLOWED:
                headers["Allow"] = (error.headers or {})["allow"]
    if problem.status == 503:
        headers["Retry-After"] = RETRY_SECONDS
    if problem is INTERNAL_ERROR:
        log.error("request %s failed", request.scope["state"].get("request_id"), exc_info=error)

    document: dict[str, object] = {
        "type": f"urn:orderport:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "code": problem.code,
    }
    if faults:
        document["errors"] = [{"field": fault.field, "reason": fault.reason} for fault in faults]
    body = encode(document)
    bare = _wants_bare_problem(request)
    return Response(
        body if bare else envelope(problem.status, "error", body),
        status_code=problem.status,
        headers=headers,
        media_type=PROBLEM_TYPE if bare else "application/json",
    )


def _wants_bare_problem(request: Request[None, None, State]) -> bool:
    named = {
        media_range.partition(";")[0].strip().lower()
        for value in request.headers.getall("accept", [])
        for media_range in value.split(",")
    }
    return PROBLEM_TYPE in named and "application/json" not in named
