"""Files of dated records that cities keep (ledger, inspections, monthly use and energy …) → rows of dated tables.

`import_records` reads, checks against what is stored, and stores or only previews; page and command line call it alike.
"""

from __future__ import annotations

from geodata.record_files.kinds import RECORD_KINDS, RecordKind
from geodata.record_files.storing import Change, RecordsImported, import_records

__all__ = ["RECORD_KINDS", "Change", "RecordKind", "RecordsImported", "import_records"]
