"""Whether a server is there at all, before hundreds of checks find out one by one."""

import socket
import ssl
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

SECONDS = 10.0


def fault_of_address(url: str) -> str:
    """Tell what is wrong with the address of a server; nothing if all is well."""
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError as error:
        return f"{url}: {error}"
    if address.scheme not in {"http", "https"} or not address.hostname or port == 0:
        return f"{url} is no address of a server, as http://127.0.0.1:8000 is"
    if address.path not in {"", "/"} or address.query or address.fragment or address.username:
        return f"{url}: the contract begins at the root of a server; nothing may follow its name and port"
    return ""


def fault_of_server(url: str) -> str:
    """Tell why a server cannot be reached; nothing if it answers HTTP, whatever it says."""
    try:
        with urlopen(f"{url}/health/live", timeout=SECONDS):  # noqa: S310 - its scheme was checked
            return ""
    except HTTPError:
        return ""
    except URLError as error:
        return f"nothing serves at {url}: {_words(error.reason)}"
    except OSError as error:
        return f"nothing serves at {url}: {_words(error)}"
    except HTTPException as error:
        return f"what serves at {url} does not speak HTTP: {type(error).__name__}"


def _words(reason: object) -> str:
    match reason:
        case socket.gaierror():
            return "there is no such host"
        case ssl.SSLCertVerificationError(verify_message=message):
            return f"its certificate is refused: {message}"
        case ssl.SSLError():
            return "no TLS is spoken there"
        case TimeoutError():
            return f"no answer within {SECONDS:.0f} s"
        case OSError(strerror=str(text)):
            return text.lower()
    return str(reason)
