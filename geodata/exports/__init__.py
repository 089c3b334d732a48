"""Collections out, in formats that other programs read; the opposite of `geodata/readers/`.

    formats.py      the table of formats; a further one is added there
    layer.py        what a writer is told of the rows it gets
    geojson.py, csv_text.py, kml.py          pieces of text, streamed in constant memory
    geopackage.py, flatgeobuf.py, parquet.py files, made in a child with bounded memory
    run.py          a job from the database to its pieces or its file
    dump.py, shelf.py                        every public layer of one generation, and where it is kept

Writers know no HTTP and no SQL: they get a `Layer`, rows and options.
"""
