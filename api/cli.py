"""`kyodo-geo`, the command line. Commands live in `api/commands`; this file only finds them.

Exit status: 0 done, 1 refused or failed (a Japanese sentence on stderr says why), 2 not understood.
"""

from __future__ import annotations

import errno
import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from api.commands.priority import step_back
from kyodo_geo.errors import InputError, KyodoError

#: Command name → "module:attribute", in the order of `--help`. The attribute is a Typer or a function.
COMMANDS = {
    "up": "api.commands.up:up",
    "serve": "api.commands.serve:serve",
    "worker": "api.commands.worker:worker",
    "db": "api.commands.db:app",
    "sample": "api.commands.sample:app",
    "import": "api.commands.datasets:import_files",
    "dataset": "api.commands.datasets:app",
    "records": "api.commands.records:app",
    "returns": "api.commands.returns:app",
    "opendata": "api.commands.opendata:app",
    "municipality": "api.commands.municipalities:app",
    "basemap": "api.commands.basemap:basemap",
    "fetch": "api.commands.fetch:fetch",
    "export": "api.commands.exports:export",
    "dump": "api.commands.exports:dump",
    "lookup": "api.commands.lookup:lookup",
    "lookup-batch": "api.commands.lookup_batch:lookup_batch",
    "bulk": "api.commands.bulk:app",
    "normalise": "api.commands.normalise:normalise",
    "reach": "api.commands.reach:app",
    "siting": "api.commands.siting:app",
    "assets": "api.commands.assets:app",
    "grants": "api.commands.grants:app",
    "user": "api.commands.users:app",
    "key": "api.commands.keys:app",
    "deploy": "api.commands.deploy:app",
    "office": "api.commands.offices:app",
    "audit": "api.commands.audit:app",
    "purge": "api.commands.purge:purge",
    "disclosure": "api.commands.disclosure:app",
    "publish": "api.commands.publish:app",
    "bundle": "api.commands.bundle:bundle",
}
INTERNAL_ONLY = frozenset(
    {
        "sample",
        "import",
        "dataset",
        "records",
        "returns",
        "fetch",
        "siting",
        "assets",
        "opendata",
        "bulk",
        "grants",
    }
)
"""Commands that bring in or work on data of the internal side: refused where `KYODO_ZONE=public`."""

LONG = frozenset(
    {
        "import",
        "records",
        "export",
        "dump",
        "lookup-batch",
        "bulk",
        "reach",
        "siting",
        "assets",
        "publish",
        "bundle",
    }
)
"""Commands that may compute for minutes, beside a service on the same machine."""


class LazyGroup(TyperGroup):
    """Imports the module of a command when that command is used, so that every start is quick."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = load_command(cmd_name)
        return self.commands[cmd_name]


def load_command(name: str) -> Any:
    """Import one command and make it what typer runs."""
    module, _, attribute = COMMANDS[name].partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if isinstance(found, typer.Typer):
        group = get_group(found)
        group.name = name
        return group
    single = typer.Typer(add_completion=False)
    single.command(name)(found)
    return get_command(single)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="協働のまちづくりを支える地図サービス kyodo-geo",
)


@app.callback()
def _root(context: typer.Context) -> None:
    """協働のまちづくりを支える地図サービス kyodo-geo"""
    if context.invoked_subcommand in INTERNAL_ONLY:
        refuse_in_public_zone(context.invoked_subcommand)


def refuse_in_public_zone(name: str) -> None:
    """Raise `InputError` where the environment says that this is the public zone."""
    from api.settings import load_settings
    from api.zones import PUBLIC

    if load_settings().zone == PUBLIC:
        raise InputError(
            f"公開の環境（KYODO_ZONE=public）では `kyodo-geo {name}` は使えません。内部の環境で実行し、"
            "公開用データで渡してください（docs/ZONES.md）。",
            field="KYODO_ZONE",
        )


def main() -> None:
    """Entry point of the `kyodo-geo` program."""
    if LONG.intersection(sys.argv[1:2]):
        step_back()
    try:
        app()
    except KyodoError as error:
        print(f"エラー: {error.message}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        where = f"（{error.filename}）" if error.filename else ""
        print(f"エラー: ディスクに空きがないため、書き込めませんでした{where}。", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
