# syntax=docker/dockerfile:1
# Behind a mirror: --build-arg PYTHON_IMAGE=… NODE_IMAGE=… PIP_INDEX_URL=… NPM_REGISTRY=…
ARG PYTHON_IMAGE=python:3.13-slim
ARG NODE_IMAGE=node:22-slim

# --- front end: bundle the npm packages -----------------------------------------------------------------------------
FROM ${NODE_IMAGE} AS frontend
ARG NPM_REGISTRY
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts ${NPM_REGISTRY:+--registry="$NPM_REGISTRY"}
COPY scripts/build_frontend.mjs scripts/
COPY plm_project/web/frontend plm_project/web/frontend
RUN node scripts/build_frontend.mjs

# --- Python packages, with every hash checked -------------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS packages
ARG PIP_INDEX_URL
COPY requirements/runtime.lock /tmp/runtime.lock
RUN python -m venv /venv && /venv/bin/python -m pip install --no-cache-dir --require-hashes --no-deps -r /tmp/runtime.lock

# --- the image ----------------------------------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE}
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=plm_project.settings.production \
    STATIC_ROOT=/app/staticfiles \
    MEDIA_ROOT=/data/media
RUN useradd --system --uid 10001 --home-dir /app --no-create-home plm \
    && mkdir -p /app /data/media \
    && chown plm /data/media
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
COPY --from=frontend /app/plm_project/web/static/web/dist plm_project/web/static/web/dist
# Static files need no secret and no database; these values do not outlive the step.
RUN SECRET_KEY=build-step ALLOWED_HOSTS=localhost DATABASE_URL=sqlite://:memory: SITE_URL=http://localhost \
    python manage.py collectstatic --noinput --verbosity 0
USER plm
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "scripts/healthcheck.py"]
# Migrate once per release: docker run … python manage.py migrate
CMD ["uvicorn", "plm_project.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--proxy-headers", "--no-access-log", "--ws-max-size", "65536"]
