"""A private directory for tests: Debian's slapd on loopback with Active Directory's schema, data and certificates made here."""

from __future__ import annotations

import datetime
import shutil
import socket
import subprocess
import time
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

BASE = "dc=example,dc=lg,dc=jp"
STAFF = f"ou=Staff,{BASE}"
SERVICE, SERVICE_PASSWORD = f"cn=kyodo-geo,{BASE}", "the service's own secret"
TANAKA, SATO, GONE = "田中のとても長いパスワード", "佐藤のとても長いパスワード", "退職した人の長いパスワード"
GUIDS = {name: uuid.uuid5(uuid.NAMESPACE_DNS, name) for name in ("tanaka", "sato", "gone")}


@dataclass
class Directory:
    """A running server. `ldaps` and `ldap` are its addresses; the certificate names `localhost` alone."""

    folder: Path
    ldaps_port: int
    ldap_port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def ldaps(self) -> str:
        return f"ldaps://localhost:{self.ldaps_port}"

    @property
    def ldap(self) -> str:
        return f"ldap://localhost:{self.ldap_port}"

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def service_password_file(self) -> Path:
        return self.folder / "service-password"

    def start(self) -> None:
        """Serve; returns when it answers."""
        self.process = subprocess.Popen(
            ["/usr/sbin/slapd", "-d", "0", "-f", self.folder / "slapd.conf", "-h",
             f"ldap://127.0.0.1:{self.ldap_port} ldaps://127.0.0.1:{self.ldaps_port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 20
        while True:
            try:
                for port in (self.ldap_port, self.ldaps_port):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        """End it; harmless when it is not running."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


def make(folder: Path) -> Directory:
    """A directory with its data, not running yet."""
    found = Directory(folder, _free_port(), _free_port())
    _certificates(folder)
    (folder / "data").mkdir()
    found.service_password_file.write_text(SERVICE_PASSWORD + "\n", encoding="utf-8")
    found.service_password_file.chmod(0o600)
    schemas = "\n".join(
        f"include /etc/ldap/schema/{name}.schema"
        for name in ("core", "cosine", "nis", "inetorgperson", "msuser")
    )
    (folder / "slapd.conf").write_text(
        f"""{schemas}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
argsfile {folder}/args
# As Active Directory does: a bind with a name and no password is taken for an anonymous one, and succeeds.
allow bind_anon_cred
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix "{BASE}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{SERVICE}" read by users read by anonymous auth by * none
""",
        encoding="utf-8",
    )
    people = "\n".join(
        f"""dn: cn={login},{STAFF}
objectClass: user
objectClass: extensibleObject
cn: {login}
sn: {login}
sAMAccountName: {login}
instanceType: 4
nTSecurityDescriptor: x
objectCategory: CN=Person,{BASE}
displayName:: {_base64(name)}
userPassword:: {_base64(password)}
userAccountControl: {control}
objectGUID:: {_base64(GUIDS[login].bytes_le)}
memberOf: CN=Planners,OU=Groups,{BASE}
"""
        for login, name, password, control in (
            ("tanaka", "田中", TANAKA, 512),
            ("sato", "佐藤", SATO, 512),
            ("gone", "退職", GONE, 514),
        )
    )
    (folder / "data.ldif").write_text(
        f"""dn: {BASE}
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: {STAFF}
objectClass: organizationalUnit
ou: Staff

dn: {SERVICE}
objectClass: person
cn: kyodo-geo
sn: kyodo-geo
userPassword:: {_base64(SERVICE_PASSWORD)}

{people}""",
        encoding="utf-8",
    )
    subprocess.run(
        ["/usr/sbin/slapadd", "-q", "-f", folder / "slapd.conf", "-l", folder / "data.ldif"],
        check=True,
        capture_output=True,
    )
    return found


def remove(directory: Directory) -> None:
    """Stop it and delete its folder."""
    directory.stop()
    shutil.rmtree(directory.folder, ignore_errors=True)


def _base64(value: str | bytes) -> str:
    import base64

    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _certificates(folder: Path) -> None:
    """An authority and a certificate for `localhost` from it; `other-ca.pem` is an authority that signed nothing."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    now = datetime.datetime.now(datetime.UTC)

    def certificate(
        name: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey
    ) -> bytes:
        authority = name == issuer
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if not authority:
            built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return built.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM)

    ours, other, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    (folder / "ca.pem").write_bytes(certificate("Test authority", "Test authority", ours, ours))
    (folder / "other-ca.pem").write_bytes(certificate("Other authority", "Other authority", other, other))
    (folder / "server.pem").write_bytes(certificate("localhost", "Test authority", server, ours))
    (folder / "server.key").write_bytes(
        server.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
