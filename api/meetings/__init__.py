"""Pages of the shared calendar: what they read (`reading`), how they say it (`words`)."""
