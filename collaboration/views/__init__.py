"""The pages of collaboration."""
