"""The pages of rooms and notices. They read the request, ask a selector or a service, and show the answer; they decide
nothing.
"""
