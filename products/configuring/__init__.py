"""Options and rules as logic: what can be chosen, what a choice breaks, what the lines of a structure make of it, and how
many configurations there are. No database: it works on a ``Problem``.
"""
