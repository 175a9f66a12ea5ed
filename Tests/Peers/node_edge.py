#!/usr/bin/env python3
"""An edge and a judge made of other people's libraries: signs batches that a hub must take, and checks batches that an edge
made. Reads one JSON command a line from standard input and answers each with one JSON line.

Where the package http-message-signatures is installed, it signs and checks; else the signature base is made by hand here.
Needs the package cryptography. `python3 node_edge.py probe` tells what there is.
"""
import base64
import datetime
import gzip
import hashlib
import json
import sys
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

try:
    import http_message_signatures as library
except ImportError:
    library = None

COMPONENTS = ["@method", "@path", "content-digest", "content-encoding", "millwright-stream", "millwright-time"]
TAG = "millwright-batch"


class Message:
    """A request as the library wants to see it."""

    def __init__(self, method, url, headers):
        self.method, self.url, self.headers = method, url, headers


def public_bytes(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def key_id(public):
    return hashlib.sha256(public).hexdigest()[:16]


def digest(body):
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def base(message, components, parameters):
    path = "/" + message.url.split("://", 1)[1].split("/", 1)[1].split("?")[0]
    lower = {name.lower(): value.strip() for name, value in message.headers.items()}
    derived = {"@method": message.method, "@path": path}
    lines = [f'"{name}": {derived[name] if name in derived else lower[name]}' for name in components]
    return "\n".join(lines + [f'"@signature-params": {parameters}']).encode()


def sign_by_hand(message, key, created, nonce):
    names = " ".join(f'"{name}"' for name in COMPONENTS)
    parameters = f'({names});created={created};keyid="{key_id(public_bytes(key))}";alg="ed25519";nonce="{nonce}";tag="{TAG}"'
    signature = key.sign(base(message, COMPONENTS, parameters))
    message.headers["Signature-Input"] = "peer=" + parameters
    message.headers["Signature"] = "peer=:" + base64.b64encode(signature).decode() + ":"


def resolver(private=None, public=None):
    class Resolver(library.HTTPSignatureKeyResolver):
        def resolve_private_key(self, key_id):
            return private

        def resolve_public_key(self, key_id):
            return public

    return Resolver()


def sign_by_library(message, key, created, nonce):
    signer = library.HTTPMessageSigner(
        signature_algorithm=library.algorithms.ED25519, key_resolver=resolver(private=key))
    signer.sign(
        message, key_id=key_id(public_bytes(key)), created=datetime.datetime.fromtimestamp(created, datetime.timezone.utc),
        nonce=nonce, label="peer", tag=TAG, include_alg=True, covered_component_ids=COMPONENTS,
        use_existing_digest=True)


def check_by_hand(message, public, body):
    label, parameters = message.headers["Signature-Input"].split("=", 1)
    components = [name.strip('"') for name in parameters[1:parameters.index(")")].split(" ")]
    text = message.headers["Signature"]
    if not text.startswith(label + "=:"):
        raise ValueError("another label")
    public.verify(base64.b64decode(text[len(label) + 2:-1]), base(message, components, parameters))
    return components


def check_by_library(message, public, body):
    verifier = library.HTTPMessageVerifier(
        signature_algorithm=library.algorithms.ED25519, key_resolver=resolver(public=public))
    # The test's clocks are fixed, so that a signature's age says nothing here.
    results = verifier.verify(message, expect_tag=TAG, max_age=None, body=body)
    return [name.strip('"') for name in results[0].covered_components if "signature-params" not in name]


def sign(command):
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(command["seed"]))
    body = json.dumps(command["events"]).encode()
    body = gzip.compress(body) if command["encoding"] == "gzip" else zlib.compress(body)
    headers = {
        "Content-Type": "application/cloudevents-batch+json", "Content-Encoding": command["encoding"],
        "Millwright-Stream": command["stream"], "Millwright-Time": command["time"], "Content-Digest": digest(body),
    }
    message = Message("POST", command["url"], headers)
    by = sign_by_library if command["by"] == "library" else sign_by_hand
    by(message, key, command["created"], command["nonce"])
    return {"headers": headers, "body": base64.b64encode(body).decode(), "public": base64.b64encode(public_bytes(key)).decode()}


def check(command):
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(command["public"]))
    body = base64.b64decode(command["body"])
    message = Message(command["method"], command["url"], dict(command["headers"]))
    by = check_by_library if command["by"] == "library" else check_by_hand
    try:
        components = by(message, public, body)
    except InvalidSignature:
        return {"holds": False}
    except Exception as error:
        if library is not None and isinstance(error, library.exceptions.HTTPMessageSignaturesException):
            return {"holds": False, "reason": str(error)}
        raise
    encoding = message.headers["Content-Encoding"]
    events = json.loads(gzip.decompress(body) if encoding == "gzip" else zlib.decompress(body))
    return {
        "holds": message.headers["Content-Digest"] == digest(body), "components": components,
        "ids": [event["id"] for event in events],
    }


def main():
    if sys.argv[1:] == ["probe"]:
        print(json.dumps({"library": library is not None}))
        return
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps({"sign": sign, "check": check}[command["do"]](command)), flush=True)


if __name__ == "__main__":
    main()
