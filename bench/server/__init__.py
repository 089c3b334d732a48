"""`make bench-server`: our server beside its peers on equal data, in processor time per request (docs/BENCH_SERVER.md)."""
