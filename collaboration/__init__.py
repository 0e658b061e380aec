"""Collaboration: rooms in which people work on products and changes together, and notices of what concerns a person."""
