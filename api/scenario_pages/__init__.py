"""Pages, files and papers of scenarios: what `kyodo_geo.scenarios` computes, in words, tables, charts and maps."""
