"""Vector tiles of our own collections: made once per dataset, kept as bytes, shared by the routes and the short way."""
