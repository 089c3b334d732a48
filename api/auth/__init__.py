"""Sign-in: passwords, server-side sessions, one-time links, partners' keys, and who a request comes from."""
