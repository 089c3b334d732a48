"""Bulk work over many municipalities: GeoParquet in and out, one folder `municipality=NNNNN` each, on one machine or on Dask.

`ground` what municipalities are made of, `export` from the database; `lookup` and `coverage` the work on one part;
`parts` files that appear whole or not at all; `running` in this process or on a scheduler. dask is imported in `running`
alone, and only when it is asked for.
"""
