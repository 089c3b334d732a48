"""What the issue of facilities asks of speed and exactness, in one run with the peers: `make bench-facility`."""
