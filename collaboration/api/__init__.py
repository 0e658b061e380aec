"""The REST door of collaboration."""
