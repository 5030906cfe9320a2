# The image of UrbanAPI: one stage installs and collects, the other runs it as a user who may write
# nothing but the files of releases.
# It is meant for PostgreSQL; compose.yaml shows the whole service. Configuration: .env.example.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt ./
RUN /venv/bin/python -m pip install --require-hashes --only-binary=:all: -r requirements.txt
COPY manage.py ./
COPY urbanapi/ urbanapi/
COPY indicators/ indicators/
COPY fixtures/ fixtures/
COPY docs/ docs/
COPY CHANGELOG.md CONTRIBUTING.md LICENSE-DATA.md SECURITY.md ./
COPY deploy/granian-logs.json deploy/healthcheck.py deploy/
# Static files do not depend on these values; production demands them before it does anything.
RUN PRODUCTION=true SECRET_KEY=only-while-building ALLOWED_HOSTS=localhost PUBLIC_BASE_URL=http://localhost \
        /venv/bin/python manage.py collectstatic --no-input \
    && /venv/bin/python -m compileall -q urbanapi indicators

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="UrbanAPI" \
      org.opencontainers.image.description="Public statistics as a strict, read-only REST API" \
      org.opencontainers.image.licenses="MIT AND CC-BY-4.0"
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PRODUCTION=true \
    FILES_ROOT=/files \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=4
RUN groupadd --gid 10001 urbanapi \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin urbanapi \
    && install --directory --owner 10001 --group 10001 /files
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["python", "deploy/healthcheck.py"]
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", \
     "--respawn-failed-workers", "--log-config", "deploy/granian-logs.json", "urbanapi.wsgi:application"]
