"""Released revisions are kept by the database itself."""

from django.db import migrations

from products import guards


class Migration(migrations.Migration):
    dependencies = [("products", "0001_initial")]

    operations = [migrations.RunPython(guards.install, guards.remove)]
