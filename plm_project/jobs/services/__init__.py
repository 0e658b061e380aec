from plm_project.jobs.services.asking import job_cancel, job_start
from plm_project.jobs.services.running import job_run
from plm_project.jobs.services.tidying import jobs_give_up_lost, jobs_send_again, jobs_sweep

__all__ = ["job_cancel", "job_run", "job_start", "jobs_give_up_lost", "jobs_send_again", "jobs_sweep"]
