"""The approval policy as it is reasoned about: what a rule may ask of a change, and what the votes of a round amount to.

Leaves: they read records and write none. Who is asked, and when, is decided in ``services/approvers.py`` and ``rounds.py``.
"""
