"""The audit trail that cannot be edited unseen: history rows with keys of ours, sealed into a chain for each tenant."""
