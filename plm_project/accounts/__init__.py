"""Accounts: people, their membership in tenants, roles and permissions, API tokens, and the Actor built from them.

Imports core and tenancy.
"""
