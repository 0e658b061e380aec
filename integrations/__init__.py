"""Every neighbouring system: what it is told, whether it heard, and what it answers."""
