"""API: what every REST endpoint shares. Imports accounts, tenancy and core; contexts import it."""
