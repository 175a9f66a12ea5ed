#!/usr/bin/env python3
"""A receiver for the HTTP target, put together from what others wrote.

Served by uvicorn. `/auth` issues and checks access tokens with Authlib (RFC 6749 section 4.4, RFC 6750), `/hook` verifies signatures
with the library of Standard Webhooks, `/orders` knows an Idempotency-Key again with asgi-idempotency-header, and `/bin` is httpbin.
Here stands only what connects them: a client, a counter, and ways to lose an answer.

Arguments: none, or CERTIFICATE KEY for TLS. Says `port N` and ends when its standard input does.
"""
import asyncio
import json
import logging
import os
import socket
import sys
import threading

import uvicorn
from a2wsgi import WSGIMiddleware
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from flask import Flask, jsonify
from httpbin import app as httpbin
from idempotency_header_middleware import IdempotencyHeaderMiddleware
from idempotency_header_middleware.backends import MemoryBackend
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

SECRET = "s3cret/with+marks"


class Client(ClientMixin):
    def get_client_id(self): return "mw:lyon"
    def get_default_redirect_uri(self): return None
    def get_allowed_scope(self, scope): return scope
    def check_redirect_uri(self, uri): return False
    def check_client_secret(self, secret): return secret == SECRET
    def check_endpoint_auth_method(self, method, endpoint): return method in ("client_secret_basic", "client_secret_post")
    def check_response_type(self, kind): return False
    def check_grant_type(self, kind): return kind == "client_credentials"


class Token(TokenMixin):
    def __init__(self, fields): self.fields, self.revoked = fields, False
    def check_client(self, client): return True
    def get_scope(self): return self.fields.get("scope", "")
    def get_expires_in(self): return self.fields["expires_in"]
    def is_expired(self): return False
    def is_revoked(self): return self.revoked
    def get_user(self): return None
    def get_client(self): return Client()


tokens = {}


class Known(BearerTokenValidator):
    def authenticate_token(self, text): return tokens.get(text)


class Grant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


def keep(fields, request): tokens[fields["access_token"]] = Token(fields)


auth = Flask("auth")
server = AuthorizationServer(auth, query_client=lambda name: Client() if name == "mw:lyon" else None, save_token=keep)
server.register_grant(Grant)
protect = ResourceProtector()
protect.register_token_validator(Known())


@auth.post("/token")
def token(): return server.create_token_response()


@auth.post("/guarded")
@protect("orders.write")
def guarded(): return jsonify(id=len(tokens)), 201


@auth.post("/forget")
def forget():
    for kept in tokens.values(): kept.revoked = True
    return jsonify(forgotten=len(tokens))


orders = []


async def order(request):
    """Makes an order. `lose`: the answer comes so many seconds after it was made. `close`: the process ends instead."""
    body = await request.json()
    orders.append(body)
    number = len(orders)
    print(json.dumps({"made": body, "key": request.headers.get("idempotency-key")}), flush=True)
    await asyncio.sleep(float(request.query_params.get("lose", "0")))
    return JSONResponse({"id": number}, 201)


async def made(request): return JSONResponse(orders)


async def hook(request):
    body = await request.body()
    try:
        Webhook(request.query_params["secret"]).verify(body, dict(request.headers))
    except WebhookVerificationError as error:
        return JSONResponse({"detail": str(error)}, 401)
    return JSONResponse({"id": request.headers["webhook-id"]})


keyed = IdempotencyHeaderMiddleware(Starlette(routes=[Route("/", order, methods=["POST", "PUT"])]), MemoryBackend())
app = Starlette(routes=[
    Mount("/auth", WSGIMiddleware(auth)), Mount("/bin", WSGIMiddleware(httpbin)), Mount("/orders", keyed),
    Route("/unkeyed", order, methods=["POST", "PUT"]), Route("/made", made), Route("/hook", hook, methods=["POST"]),
])


def end_with_input():
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    logging.getLogger("authlib").setLevel(logging.ERROR)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    print(f"port {listening.getsockname()[1]}", flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    tls = {"ssl_certfile": sys.argv[1], "ssl_keyfile": sys.argv[2]} if len(sys.argv) > 2 else {}
    uvicorn.Server(uvicorn.Config(app, log_level="error", **tls)).run(sockets=[listening])
