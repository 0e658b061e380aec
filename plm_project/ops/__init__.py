"""Ops: health, metrics, logging, request ids. Imports outbox, accounts, tenancy and core; no context imports it."""
