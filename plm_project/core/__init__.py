"""Core: the lowest room. No models, no Django apps; imports nothing from this project but itself."""
