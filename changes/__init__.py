"""Changes: engineering changes, redlines, approvals. Stands on products and the ground; other contexts register here."""
