"""One archive from which the service is installed, updated and patched where no package source can be reached."""
