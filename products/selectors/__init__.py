"""Reads of the products context. Structure questions load a ``Structure`` first (graph.py) and ask it."""
