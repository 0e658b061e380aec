"""Tenancy: whose data it is. Every tenant-owned table is scoped twice, by the managers and by PostgreSQL's row security.

Imports core alone.
"""
