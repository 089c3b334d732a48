# PgBouncer from Debian, as a user without rights. What it is told stands in start-pgbouncer.sh.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends pgbouncer \
    && rm -rf /var/lib/apt/lists/*
USER 10001:10001
EXPOSE 6432
ENTRYPOINT ["/bin/sh", "/start-pgbouncer.sh"]
