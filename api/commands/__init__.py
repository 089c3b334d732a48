"""The commands of `kyodo-geo`, one module per topic.

To add one: write a module here that has either a `typer.Typer` (a command with sub-commands) or a function
(a single command, its docstring being the help text), and name it in `api/cli.py`. A module is imported when
its command is used; what is slow to import (pandas, geopandas, the solvers) belongs inside the functions.

Failures are exceptions of `kyodo_geo.errors`: `api/cli.py` prints their Japanese message, ends with status 1.
A command that needs the database takes it from `api.commands.context.open_database`.
"""
