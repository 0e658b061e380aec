"""Compliance: regulations, what each revision was found to be under them, and the evidence for it."""
