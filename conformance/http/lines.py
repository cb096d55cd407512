"""The lines of docs/contract.md that every check may meet, whatever it is about itself."""

from collections.abc import Mapping

LISTED = "A listed field of a request is required; `null` is a wrong type; fields that are not listed are ignored."
NO_ROUTE = "no such route"
INVALID = (
    "| 400 | `validation_failed` | a field is missing, of the wrong type, or out of its bounds; an id in the path is "
    "no ObjectID (field `id`); path and body ids differ (field `_id`); passwords do not match (field "
    "`confirm_password`) |"
)
MALFORMED = "| 400 | `malformed_json` | the body is empty, not JSON, or not an object |"
VERSIONS = "every accepted update makes a new version, also when nothing differs"
PUBLISHED = "It is published: paths, methods, status codes, field names and the oddities are kept as they stand."
IN_TIME = "Once its body is complete a request is answered within 6 s, whatever storage does"
STRICT = 'JSON types are strict: `"3"`, `2.0` and `1e2` are no ints, `true` is no number.'
REQUEST_ID = "`X-Request-ID` echoed (1 to 128 visible ASCII characters) or made"
NO_HASH = "no password and no hash leaves the system, in an answer, a log line or an event"
OPTIONS = "`HEAD` is served wherever `GET` is, `OPTIONS` answers 204 with `Allow`"
ERRORS = (
    "**Errors** use the same envelope, with the HTTP status as `status` and `error` as `message`; `data.data` holds "
    "the members of an RFC 9457 problem"
)
READ_BACK = "`GET /orders/:id` and `GET /products/:id`, same envelope"
HEALTH = (
    "`GET /health/live` answers 200 while the process runs; `GET /health/ready` answers 200 or 503, `text/plain`, one "
    "line per dependency"
)
EVENT_KEY = "Key: the order's `_id`. Value: JSON, the order's five published fields."
EVENT_HEADERS = (
    "CloudEvents 1.0 in Kafka's binary mode: `ce_specversion` `1.0`, `ce_id` (`<order id>-<ce_sequence>`), `ce_type` "
    "`orderport.order.created` or `orderport.order.updated`, `ce_source` `/orderport`, `ce_subject` the order's id, "
    "`ce_time` (RFC 3339, UTC: when the change was made), `ce_sequence` the order's version, from 1, as ten decimal "
    "digits, zero-padded, so that text order is number order (the CloudEvents extension `sequence`), "
    "`ce_sequencetype` `Integer`, and `content-type` `application/json`"
)
TRACE = (
    "`traceparent`, in the same trace, where the request carried a valid one (W3C trace context, the header that "
    "OpenTelemetry's Kafka instrumentation reads). No other headers."
)
EVENT_ID = "`ce_id` (`<order id>-<ce_sequence>`)"

SUCCESS: Mapping[str, str] = {
    "registerUser": (
        "| `POST /users/register` | `name` `email` `password` `confirm_password`, strings | 201 | 201 | `success` | "
        "published twice: once `_id` `name` `email` `password`, once `InsertedID` |"
    ),
    "loginUser": (
        "| `POST /users/login` | `email` `password`, strings | 200 | 200 | `sucess` (so spelt) | `_id` `name` `email` |"
    ),
    "editUser": (
        "| `PUT /users/edit/:id` | `_id` (ObjectID) `name` `email` `old_password` `new_password` | 200 | 200 | "
        "`success` | `_id` `name` `email` |"
    ),
    "getUser": "| `GET /users/:id` | none | 200 | 200 | `success` | `_id` `name` `email` |",
    "placeOrder": (
        "| `POST /orders/new` | `customer_id` (ObjectID) `price` (float) `items` (list of `product_id` ObjectID, "
        "`quantity` int) `status` (string) | 201 | 201 | `success` | `_id` `customer_id` `price` `items` `status` |"
    ),
    "updateOrder": (
        "| `PUT /orders/update` | `_id` and all fields of the above | 200 | **201** | `success` | "
        "the same five fields |"
    ),
    "addProduct": (
        "| `POST /products/new` | `name` (string) `stock` (int) | 201 | 201 | `success` | `_id` `name` `stock` |"
    ),
    "updateProduct": (
        "| `PUT /products/update` | `_id` `name` `stock` | 200 | 200 | `success` | `_id` `name` `stock` |"
    ),
    "getOrder": READ_BACK,
    "getProduct": READ_BACK,
    "live": HEALTH,
    "ready": HEALTH,
}
"""What an operation answers that goes well."""


def line_of(operation_id: str, status: int) -> str:
    """Give the line about an answer: that of its operation, or that of errors."""
    if status < 400 or operation_id in {"live", "ready"}:
        return SUCCESS.get(operation_id, ERRORS)
    return ERRORS
