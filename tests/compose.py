"""docker-compose.yml and api/Dockerfile as data, with the compose variables filled in as the engine would."""

from __future__ import annotations

import http.server
import re
import tomllib
from dataclasses import dataclass
from typing import Any

import yaml

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SECRETS = {
    "DB_SUPERUSER_PASSWORD": "su-p@ss/1",
    "DB_OWNER_PASSWORD": "ow'n\\er:2",
    "DB_APP_PASSWORD": "a$p p#3",
}
REPLICA_SECRET = {"DB_REPLICA_PASSWORD": "re/pl;i'ca"}
"""Needed by the profile `replica` alone, which refuses to start without it."""
VARIABLE = re.compile(r"\$\{(\w+)(?::(?P<kind>[-?])(?P<rest>[^${}]*))?\}")  # innermost


def compose(variables: dict[str, str]) -> dict[str, Any]:
    """The compose file with its variables filled in, as the engine would; raises KeyError for a missing one."""

    def value(found: re.Match[str]) -> str:
        given = variables.get(found[1], "")
        if given or found["kind"] == "-":
            return given or found["rest"]
        raise KeyError(found[1])

    def fill(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: fill(item) for key, item in part.items()}
        if isinstance(part, list):
            return [fill(item) for item in part]
        if isinstance(part, str):
            while VARIABLE.search(part):
                part = VARIABLE.sub(value, part)
        return part

    return fill(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


SERVICES: dict[str, dict[str, Any]] = compose(SECRETS | REPLICA_SECRET)["services"]
OURS = {
    name: service
    for name, service in SERVICES.items()
    if service.get("build", {}).get("dockerfile") == "api/Dockerfile"
}


@dataclass(frozen=True)
class Stage:
    """One FROM of the Dockerfile and what follows it, as (instruction, rest) pairs."""

    base: str
    name: str | None
    steps: list[tuple[str, str]]

    def all(self, instruction: str) -> list[str]:
        return [rest for found, rest in self.steps if found == instruction]


def dockerfile() -> list[Stage]:
    text = (ROOT / "api" / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    stages: list[Stage] = []
    for line in re.sub(r"\s*\\\n\s*", " ", "\n".join(lines)).splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name or None, []))
        else:
            stages[-1].steps.append((instruction, rest.strip()))
    return stages


BUILD, FINAL = dockerfile()


def environment(stage: Stage) -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(stage.all("ENV"))))


def free_port() -> int:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as found:
        return found.server_port
