"""Backups that can be trusted: one snapshot of the database, the files that are not in it, and what proves both."""

from geodata.backup.folder import Backup, check, newest
from geodata.backup.make import Plan, make
from geodata.backup.noting import note
from geodata.backup.restore import Restored, restore

__all__ = ["Backup", "Plan", "Restored", "check", "make", "newest", "note", "restore"]
