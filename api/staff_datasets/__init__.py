"""The datasets pages: what the command line does, in the browser."""
