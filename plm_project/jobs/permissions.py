"""What may be done with jobs. Starting one needs the permission of its kind."""

from __future__ import annotations

from plm_project.accounts.permissions import Declaration
from plm_project.accounts.roles import EVERYONE, MANAGERS

JOBS_READ = "plm.jobs.read"
JOBS_CANCEL = "plm.jobs.cancel"
# See and cancel everybody's.
JOBS_MANAGE = "plm.jobs.manage"

PERMISSIONS: Declaration = {JOBS_READ: EVERYONE, JOBS_CANCEL: EVERYONE, JOBS_MANAGE: MANAGERS}

# Held by nobody: the steps that the work itself makes. A system actor may do everything.
JOBS_RUN = "plm.jobs.run"
