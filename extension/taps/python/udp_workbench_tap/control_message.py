"""What a window asks of a program, and what it is told, as lines (docs/tap.md: Control messages).

Whatever comes is hostile: a text that is not exactly such a message is None.
"""

import hashlib
import hmac
import json
import re

from .address import packed_address

_VERSION = 2
#: A nonce, and an HMAC-SHA256 (RFC 2104).
_HEX_256 = re.compile("[0-9a-f]{64}")
_HEX = re.compile("(?:[0-9A-Fa-f]{2})*")
_CODE = re.compile("[A-Z][A-Z0-9_]{1,40}")
_MOST_PAYLOAD = 65_527
_MOST_LOCAL = 100
_MOST_ADDRESS = 60
_MOST_NUMBER = 2**53 - 1
#: More for one socket have no use.
MOST_RULES = 16
#: Characters of the longest request, with its proof and without its line feed.
MOST_REQUEST = 2 * _MOST_PAYLOAD + 1024


class Request:
    """`do` is send, close, setRules or keepRules; `address`, `port` and `payload` are those of a send."""

    __slots__ = ("do", "socket", "local", "address", "port", "payload", "rules")

    def __init__(self, do, socket, local, address=None, port=None, payload=None, rules=None):
        self.do = do
        self.socket = socket
        self.local = local
        self.address = address
        self.port = port
        self.payload = payload
        #: As somebody has sent them: a list, of anything.
        self.rules = rules


def format_greeting(nonce):
    return json.dumps({"v": _VERSION, "nonce": nonce}, separators=(",", ":"))


def prove(token, path, challenge, body):
    """The proof of a body: of all of it, to this program alone, and once.

    :param challenge: the nonce for a request; for a reply the proof of its request
    """
    text = "%s\n%s\n%s" % (path, challenge, body)
    # As the file system has it, where it is no UTF-8.
    key, message = token.encode("utf-8", "surrogateescape"), text.encode("utf-8", "surrogateescape")
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def proven_request(line, token, path, nonce):
    """A line's request and its proof; None where it is not proven, or is none."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return None
    auth, body = text[:64], text[65:]
    if text[64:65] != " " or not _HEX_256.fullmatch(auth):
        return None
    if not hmac.compare_digest(auth, prove(token, path, nonce, body)):
        return None
    request = parse_request(body)
    return request and (request, auth)


def parse_request(body):
    try:
        message = json.loads(body)
    # As deep as that, it is none.
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("v") != _VERSION:
        return None
    socket, local = message.get("socket"), message.get("local")
    if not _is_whole(socket, _MOST_NUMBER) or not _is_text(local, _MOST_LOCAL):
        return None
    do, rules = message.get("do"), message.get("rules")
    if do in ("close", "keepRules"):
        return Request(do, socket, local)
    if do == "setRules" and isinstance(rules, list) and len(rules) <= MOST_RULES:
        return Request(do, socket, local, rules=rules)
    if do != "send":
        return None
    address, port, payload = (message.get(name) for name in ("address", "port", "payload"))
    if not _is_text(address, _MOST_ADDRESS) or not _is_whole(port, 0xFFFF):
        return None
    try:
        packed_address(address)
    except (OSError, ValueError):
        return None
    if not _is_text(payload, 2 * _MOST_PAYLOAD, 0) or not _HEX.fullmatch(payload):
        return None
    return Request(do, socket, local, address, port, bytes.fromhex(payload))


def format_reply(reply, token, path, auth):
    """:param reply: the payload's bytes that were sent, or the name of the reason why not"""
    if isinstance(reply, int):
        fields = {"v": _VERSION, "bytes": reply}
    else:
        fields = {"v": _VERSION, "error": reply if _CODE.fullmatch(reply) else "EUNKNOWN"}
    body = json.dumps(fields, separators=(",", ":"))
    return "%s %s" % (prove(token, path, auth, body), body)


def _is_whole(it, most):
    return type(it) is int and 1 <= it <= most


def _is_text(it, most, least=1):
    return isinstance(it, str) and least <= len(it) <= most
