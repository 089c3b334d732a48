"""The bundled sample: real facts in CSV files, everything else generated from a fixed seed.

`facts` reads what is committed, the other modules generate by topic, `generate.build_sample` puts it together and
`load.load_sample` writes it into the database. What is invented is marked 見本データ（架空）; docs/SAMPLE.md lists it all.
"""
