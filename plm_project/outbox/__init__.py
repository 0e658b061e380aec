"""Outbox: domain events, written in the transaction of what they tell of, delivered at least once after the commit.

Imports core, tenancy and accounts.
"""
