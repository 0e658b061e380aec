"""The WSGI entry point, for sites that serve API and pages apart from the sockets."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plm_project.settings.local")
application = get_wsgi_application()
