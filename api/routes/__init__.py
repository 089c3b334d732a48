"""HTTP routes, one module per subject; `api.app` puts them together. Paths are written out in full."""
