"""Does an NTLM acceptor that nobody here wrote accept our client, with channel bindings enforced?

Usage: run.py CLIENT [FILTER]

CLIENT is the example `ask` of synapse-capabilities. Every check starts an HTTP server of its own that keeps its state per TCP
connection, as IIS does, and lets pyspnego (its own Python implementation, not the system's) decide about logins. The certificates
are signed with different hash functions, because the hash is part of the channel's name (RFC 5929). The last line of the output is
one JSON object: {"judge", "version", "collected", "passed", "excluded", "failed": [{"name", "reason"}]}; the exit code is 1 if
anything failed.
"""

import base64
import datetime
import hashlib
import http.server
import importlib.metadata
import ipaddress
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import traceback

import spnego
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from spnego.channel_bindings import GssChannelBindings

USER, DOMAIN, PASSWORD = "svc-mail", "CORP", "P\u00e4ssword \u4e2d\u6587 \"1\""
OTHER = "second"
CHECKS = []


def check(function):
    """Registers a check under its name."""
    CHECKS.append(function)
    return function


def certificate(folder, key, hash_function, pss=None):
    """A certificate for this machine: the file of it and its key, and the certificate as DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
    )
    signed = builder.sign(key, hash_function, **({"rsa_padding": pss} if pss else {}))
    path = pathlib.Path(folder) / f"{signed.serial_number}.pem"
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = signed.public_bytes(serialization.Encoding.PEM)
    path.write_bytes(pem + key.private_bytes(serialization.Encoding.PEM, *kind))
    return path, signed.public_bytes(serialization.Encoding.DER)


class Target:
    """A server that wants NTLM, and what it saw."""

    def __init__(self, scheme="NTLM", pem=None, channel=None):
        bindings = GssChannelBindings(application_data=b"tls-server-end-point:" + channel) if channel else None
        target = self
        self.connections, self.logins, self.refused, self.bodies = 0, 0, 0, []
        # For each connection: whom it was logged in as, and what was sent on it.
        self.carried = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                target.connections += 1
                self.carried = []
                target.carried.append(self.carried)
                self.context = None

            def log_message(self, *_):
                pass

            def reply(self, status, body=b"", challenge=None):
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", f"{scheme} {challenge}" if challenge else scheme)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                authorization = self.headers.get("Authorization")
                if authorization is None:
                    if self.context is not None and self.context.complete:
                        return self.accept(body)
                    return self.reply(401, b"not logged in")
                given, token = authorization.split(" ")
                if given != scheme:
                    return self.reply(401, b"another scheme")
                token = base64.b64decode(token)
                if token[8] == 1:
                    self.context = spnego.server(
                        protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm, channel_bindings=bindings
                    )
                try:
                    answer = self.context.step(token)
                except spnego.exceptions.SpnegoError:
                    target.refused += 1
                    self.context = None
                    return self.reply(401, b"refused")
                if self.context.complete:
                    target.logins += 1
                    return self.accept(body)
                return self.reply(401, b"x" * 5000, base64.b64encode(answer).decode())

            def accept(self, body):
                target.bodies.append(body.decode())
                self.carried.append((self.context.client_principal, body.decode()))
                self.reply(200, self.context.client_principal.encode())

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.pem = pem
        if pem:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def ask(self, count=1, user=USER, domain=DOMAIN, password=PASSWORD):
        """What the client makes of it."""
        url = f"{'https' if self.pem else 'http'}://127.0.0.1:{self.server.server_port}"
        command = [CLIENT, url, user, domain, str(count)] + ([str(self.pem)] if self.pem else [])
        done = subprocess.run(command, input=password.encode(), stdout=subprocess.PIPE, timeout=60, check=True)
        self.server.shutdown()
        return [json.loads(line) for line in done.stdout.decode().splitlines()]


def accepted(target, count=1, **more):
    answers = target.ask(count, **more)
    assert [answer.get("status") for answer in answers] == [200] * count, answers
    assert target.bodies == [f'<envelope n="{n}"/>' for n in range(count)], target.bodies
    assert (target.connections, target.logins, target.refused) == (1, 1, 0), vars(target)
    return answers


def refused(target, **more):
    answers = target.ask(1, **more)
    assert answers == [{"error": "Error::Unauthenticated", "certainty": "Refused"}], answers
    assert (target.logins, target.refused, target.bodies) == (0, 1, []), vars(target)


@check
def a_login_is_accepted_and_the_connection_is_used_again(_):
    answers = accepted(Target(), count=5)
    assert answers[0]["body"] == f"{DOMAIN}\\{USER}", answers


@check
def a_login_is_accepted_under_the_name_negotiate(_):
    accepted(Target(scheme="Negotiate"), count=2)


@check
def a_wrong_password_is_tried_once(_):
    refused(Target(), password=PASSWORD + "x")


@check
def a_wrong_user_is_tried_once(_):
    refused(Target(), user="nobody")


@check
def a_login_over_tls_is_accepted_where_bindings_are_not_looked_at(folder):
    pem, _ = certificate(folder, ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    accepted(Target(pem=pem), count=2)


def bound(name, key, hash_function, digest, pss=None):
    """Bindings are enforced, with a certificate of this kind: right ones pass, those of another certificate do not."""

    def passes(folder):
        pem, der = certificate(folder, key(), hash_function(), pss)
        accepted(Target(pem=pem, channel=digest(der).digest()), count=2)

    def relayed(folder):
        pem, _ = certificate(folder, key(), hash_function(), pss)
        _, other = certificate(folder, key(), hash_function(), pss)
        refused(Target(pem=pem, channel=digest(other).digest()))

    passes.__name__ = f"enforced_bindings_pass_with_{name}"
    relayed.__name__ = f"a_relayed_login_is_refused_with_{name}"
    check(passes)
    check(relayed)


def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def ec_key():
    return ec.generate_private_key(ec.SECP384R1())


bound("rsa_sha256", rsa_key, hashes.SHA256, hashlib.sha256)
bound("rsa_sha384", rsa_key, hashes.SHA384, hashlib.sha384)
bound("rsa_sha512", rsa_key, hashes.SHA512, hashlib.sha512)
bound("ecdsa_sha384", ec_key, hashes.SHA384, hashlib.sha384)
bound("rsa_pss_sha384", rsa_key, hashes.SHA384, hashlib.sha384, padding.PSS(padding.MGF1(hashes.SHA384()), 48))


@check
def six_requests_at_once_of_two_users_share_no_connection_across_them(folder):
    pem, der = certificate(folder, rsa_key(), hashes.SHA256())
    target = Target(pem=pem, channel=hashlib.sha256(der).digest())
    answers = target.ask(count=3, user=f"{USER},{OTHER}")
    assert [answer.get("status") for answer in answers] == [200] * 6, answers
    for carried in target.carried:
        assert len({principal for principal, _ in carried}) <= 1, target.carried
        for principal, body in carried:
            assert body == f'<envelope user="{principal.split(chr(92))[1]}"/>', target.carried
    users = {principal for carried in target.carried for principal, _ in carried}
    assert users == {f"{DOMAIN}\\{USER}", f"{DOMAIN}\\{OTHER}"}, users
    assert target.refused == 0, vars(target)


@check
def a_login_without_a_channel_is_refused_where_bindings_are_enforced(_):
    refused(Target(channel=hashlib.sha256(b"certificate").digest()))


def main():
    global CLIENT
    CLIENT = sys.argv[1]
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    checks = [function for function in CHECKS if wanted in function.__name__]
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        users = pathlib.Path(folder) / "users"
        lines = [f"{DOMAIN}:{user}:{PASSWORD}\n" for user in (USER, OTHER)]
        users.write_text("".join(lines), encoding="utf-8")
        os.environ["NTLM_USER_FILE"] = str(users)
        for function in checks:
            try:
                function(folder)
                print(f"passed  {function.__name__}")
            except Exception as error:  # a check's failure must not end the others
                traceback.print_exc()
                failed.append({"name": function.__name__, "reason": f"{type(error).__name__}: {error}"})
                print(f"FAILED  {function.__name__}")
    verdict = {
        "judge": "pyspnego",
        "version": importlib.metadata.version("pyspnego"),
        "collected": len(checks),
        "passed": len(checks) - len(failed),
        "excluded": [],
        "failed": failed,
    }
    print(json.dumps(verdict))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
