"""What stands in front in a city: nginx (TLS, cache) before two web processes before PgBouncer before PostGIS, all real."""

from __future__ import annotations

import contextlib
import datetime
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from api.commands.deploy import NGINX, PGBOUNCER, filled
from tests.api.test_running import answers, service
from tests.api.test_workers import Service, free_port
from tests.fixtures_db import DatabaseUrls
from tests.fixtures_replica import eventually

NAME = "kyodo.test"


@dataclass
class Front:
    """`https`: the address people use; `workers`: the processes behind; `log`: nginx's own."""

    https: str
    http: str
    workers: list[Service]
    log: Path
    errors: Path
    config: Path
    certificate: Path
    bouncer: str

    def client(self, **given) -> httpx.Client:
        """A browser that believes our certificate; the name is in the request, the loopback in the connection."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.check_hostname = False
        headers = {
            "host": self.https.removeprefix("https://").replace("127.0.0.1", NAME),
            **given.pop("headers", {}),
        }
        return httpx.Client(
            base_url=self.https, verify=context, headers=headers, timeout=20, trust_env=False, **given
        )

    @property
    def origin(self) -> str:
        return self.https.replace("127.0.0.1", NAME)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of the test's own, for an hour."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "tls.pem", folder / "tls.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    private.chmod(0o600)
    return public, private


@contextlib.contextmanager
def daemon(arguments: list[str], stop: signal.Signals = signal.SIGTERM) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(stop)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stderr is not None
        process.stderr.close()


def account() -> tuple[str, list[str]]:
    """Who the servers run as: PgBouncer refuses to be root, and PostGIS lets the test's own account in, or `postgres`."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid()).pw_name, []
    return "postgres", ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


@contextlib.contextmanager
def bouncer(town: DatabaseUrls, folder: Path) -> Iterator[str]:
    """PgBouncer by transactions before the test's cluster; the service's URL on it."""
    user, become = account()
    there = psycopg.conninfo.conninfo_to_dict(town.app)
    port = free_port()
    users = folder / "users.txt"
    users.write_text('"kyodo_app" ""\n')
    values = PGBOUNCER | {
        "DATABASE": str(there["dbname"]),
        "DATABASE_SERVER": f"host={there['host']} user=kyodo_app",
        "LISTEN_ADDR": "127.0.0.1",
        "LISTEN_PORT": str(port),
        "SOCKET_DIR": "",
        "AUTH_TYPE": "trust",
        "AUTH_FILE": str(users),
        "POOL_SIZE": "6",
    }
    config = folder / "pgbouncer.ini"
    config.write_text(filled("pgbouncer.ini.template", values))
    program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
    assert program is not None
    if become:
        for path in (folder, users, config):
            shutil.chown(path, user)
    url = f"postgresql://kyodo_app@127.0.0.1:{port}/{there['dbname']}"

    def up() -> bool:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as conn:
            return conn.execute("SELECT 1").fetchone() == (1,)
        assert running.poll() is None, running.stderr and running.stderr.read()
        return False

    with daemon([*become, program, str(config)], signal.SIGINT) as running:
        eventually(up)
        yield url


@contextlib.contextmanager
def nginx(folder: Path, workers: list[Service], **values: str) -> Iterator[Front]:
    public, private = certificate(folder)
    http, https = free_port(), free_port()
    log, errors = folder / "access.log", folder / "error.log"
    given = NGINX | {
        "CACHE_DIR": str(folder / "cache"),
        "TEMP_DIR": str(folder),
        "HTTP_LISTEN": f"127.0.0.1:{http}",
        "HTTPS_LISTEN": f"127.0.0.1:{https}",
        "SERVER_NAME": NAME,
        "REDIRECT_PORT": f":{https}",
        "HOST_PORT": f":{https}",
        "CERTIFICATE": str(public),
        "CERTIFICATE_KEY": str(private),
        "ACCESS_LOG": str(log),
        "ERROR_LOG": str(errors),
        "UPSTREAM_SERVERS": " ".join(
            f"server {worker.url.removeprefix('http://')} max_fails=1 fail_timeout=2s;" for worker in workers
        ),
        **values,
    }
    site = folder / "kyodo.conf"
    site.write_text(filled("nginx.conf.template", given))
    config = folder / "nginx.conf"
    # What Debian's own nginx.conf has around conf.d/*.conf, without being a daemon.
    config.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/main.log warn;\n"
        + (f"user {account()[0]};\n" if not os.geteuid() else "")
        + "worker_processes 1;\nevents { worker_connections 256; }\n"
        f"http {{ default_type application/octet-stream; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; "
        f"scgi_temp_path {folder}/s; include {site}; }}\n"
    )
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    assert program is not None
    folder.chmod(0o755)
    with daemon([program, "-c", str(config), "-e", str(folder / "main.log")], signal.SIGQUIT) as running:
        found = Front(
            f"https://127.0.0.1:{https}", f"http://127.0.0.1:{http}", workers, log, errors, config, public, ""
        )

        def up() -> bool:
            assert running.poll() is None, running.stderr and running.stderr.read()
            with contextlib.suppress(httpx.TransportError), found.client() as client:
                return client.get("/api/v1/districts").status_code == 200
            return False

        eventually(up)
        yield found


@contextlib.contextmanager
def front(town: DatabaseUrls) -> Iterator[Front]:
    """All of it, on this town."""
    folder = Path(tempfile.mkdtemp(prefix="kyodo-front-"))
    folder.chmod(0o755)
    try:
        with contextlib.ExitStack() as stack:
            pooler = folder / "pooler"
            pooler.mkdir()
            url = stack.enter_context(bouncer(town, pooler))
            https_of_people = f"https://{NAME}"
            workers = []
            for number in (1, 2):
                own = folder / str(number)
                own.mkdir()
                workers.append(
                    stack.enter_context(
                        service(
                            town,
                            own,
                            KYODO_DATABASE_URL=url,
                            KYODO_LISTEN_DATABASE_URL=town.app,
                            KYODO_BASE_URL=https_of_people,
                            KYODO_LOG_FORMAT="json",
                        )
                    )
                )
            for worker in workers:
                eventually(lambda worker=worker: answers(worker))  # type: ignore[misc]
            front_folder = folder / "front"
            front_folder.mkdir()
            found = stack.enter_context(nginx(front_folder, workers))
            found.bouncer = url
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)
