"""Changes: engineering changes, their redlines and approvals. Stands on products."""
