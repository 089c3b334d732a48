"""Independent programs that read the service as their users would: OWSLib and GDAL."""
