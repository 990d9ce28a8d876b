# SPDX-License-Identifier: Apache-2.0
"""issuer - an identity provider for the tests: keys that it makes, a JWKS server, and tokens.

Whatever a token should say, it says: good ones are signed by sign(), bad ones put together from
the same pieces.
"""

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

ISS = "https://id.example.com/"
AUDIENCE = "api://trivium"


def letters(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(n, width=None):
    return letters(n.to_bytes(width or (n.bit_length() + 7) // 8, "big"))


class Key:
    """A key pair of one algorithm, under a name."""

    def __init__(self, alg, kid, bits=2048):
        self.alg, self.kid = alg, kid
        if alg in ("RS256", "PS256"):
            self.private = rsa.generate_private_key(65537, bits)
        elif alg == "ES256":
            self.private = ec.generate_private_key(ec.SECP256R1())
        else:
            self.private = ed25519.Ed25519PrivateKey.generate()

    def jwk(self):
        public = self.private.public_key()
        if self.alg in ("RS256", "PS256"):
            n = public.public_numbers()
            kind = {"kty": "RSA", "n": number(n.n), "e": number(n.e)}
        elif self.alg == "ES256":
            n = public.public_numbers()
            kind = {"kty": "EC", "crv": "P-256", "x": number(n.x, 32), "y": number(n.y, 32)}
        else:
            kind = {"kty": "OKP", "crv": "Ed25519", "x": letters(public.public_bytes(
                serialization.Encoding.Raw, serialization.PublicFormat.Raw))}
        return {"kid": self.kid, "use": "sig", "alg": self.alg, **kind}

    def sign(self, data):
        if self.alg == "RS256":
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        if self.alg == "PS256":
            return self.private.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        if self.alg == "ES256":
            r, s = utils.decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.private.sign(data)


def text_of(header, claims):
    parts = [p if isinstance(p, bytes) else json.dumps(p).encode() for p in (header, claims)]
    return f"{letters(parts[0])}.{letters(parts[1])}"


def claims_of(**more):
    """Good claims, with some of them otherwise; None leaves one out."""
    now = int(time.time())
    claims = {"iss": ISS, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 600, **more}
    return {k: v for k, v in claims.items() if v is not None}


def token(key, claims=None, header=None, **more):
    head = {"alg": key.alg, "kid": key.kid, "typ": "JWT"} if header is None else header
    text = text_of(head, claims_of(**more) if claims is None else claims)
    return f"{text}.{letters(key.sign(text.encode()))}"


def hmac_token(secret, header=None):
    text = text_of(header or {"alg": "HS256"}, claims_of())
    return f"{text}.{letters(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


class Jwks:
    """A server of keys: what it answers can be changed while it runs, and it counts."""

    def __init__(self, keys, tls=None):
        self.keys, self.asked, self.status, self.delay, self.fields, self.body = list(keys), 0, 200, 0, {}, None
        jwks = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                jwks.asked += 1
                jwks.path, jwks.seen = self.path, dict(self.headers)
                time.sleep(jwks.delay)
                body = jwks.body if jwks.body is not None else json.dumps(
                    {"keys": [k if isinstance(k, dict) else k.jwk() for k in jwks.keys]}).encode()
                self.send_response(jwks.status)
                for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)),
                                    **jwks.fields}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/keys"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
