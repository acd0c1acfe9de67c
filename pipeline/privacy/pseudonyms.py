"""Pseudonyms: HMAC-SHA-256 of an id under a key that only its holder can repeat.

The same key gives the same id the same pseudonym in every run, source and build. Without the key nobody can find an id by
trying all ids, as a plain hash would allow. The key stays out of the results, and is never printed.
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import UsageError

SUBJECT, RECORDER = "P-", "R-"
"""What a pseudonym of a subject, and of one who recorded grades, begins with."""

LENGTH = 10
"""Characters of base32: 50 bits. Among 100,000 ids two meet once in 200,000 keys; then the run stops."""

KEY_BYTES = 32


def key_of(path: Path, out: Path) -> tuple[bytes, list[str]]:
    """The key in a file, made where there is none, and what the reader should know of it.

    Raises UsageError where the file lies in the folder of results, cannot be read or written, or holds no key.
    """
    if path.resolve().is_relative_to(out.resolve()):
        raise UsageError(f"--pseudonyms {path}: the key lies in the folder of the results; keep it apart from them.")
    try:
        if not path.exists():
            return _made(path), [f"a new key was written to {path}: keep it, and keep it apart from the results"]
        text, mode = path.read_text(encoding="ascii").strip(), path.stat().st_mode
    except OSError as fault:
        raise UsageError(f"--pseudonyms {path}: the key file cannot be used ({fault.strerror}); check the path.") from fault
    except UnicodeDecodeError:
        text, mode = "", 0
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        raise UsageError(
            f"--pseudonyms {path}: this is no key of at least {2 * KEY_BYTES} hexadecimal digits; "
            "name a file that does not exist, and a key is made there."
        )
    return key, [f"{path} can be read by others: chmod 600 keeps the key to you"] if mode & 0o077 else []


def _made(path: Path) -> bytes:
    """A new key of random bytes, in a file that only its owner reads."""
    key = secrets.token_bytes(KEY_BYTES)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key


def pseudonym(key: bytes, text: str, prefix: str) -> str:
    """The pseudonym of one id: the prefix, and the first characters of the HMAC of prefix and id in base32."""
    code = hmac.new(key, (prefix + text).encode(), hashlib.sha256).digest()
    return prefix + base64.b32encode(code).decode()[:LENGTH]


def pseudonyms(key: bytes, texts: Iterable[str], prefix: str) -> dict[str, str]:
    """The pseudonyms of these ids, by id. Raises UsageError where two of them get the same."""
    found = {text: pseudonym(key, text, prefix) for text in sorted(set(texts))}
    if len(set(found.values())) < len(found):
        raise UsageError("--pseudonyms: two ids of this cohort get one pseudonym by this key; take a new key.")
    return found


def fingerprint(key: bytes) -> str:
    """What tells one key from another and says nothing of it: it stands in the manifest."""
    return hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()[:16]
