"""Public originals from their official addresses: download, check, and load in place of the sample's geography.

`sources.py` reads the table of addresses (`sources.toml`), `download.py` brings one file, `archive.py` and
`contents.py` check it, `state.py` remembers what was brought, `collect.py` puts these together for all sources,
and `load.py` hands the files to the importer.
"""
