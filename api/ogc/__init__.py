"""The OGC API at /ogc: Features (Parts 1–3), records of the datasets, and what hangs on them.

Every route asks `answering.respond`, which decides whose bytes the reader gets; every address in an answer comes from
`links.Links`. What exists is in `kyodo_geo.collections`, how rows are made in `geodata.features`.
"""
