"""The REST door of compliance."""
