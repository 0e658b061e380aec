"""The pages of rooms. They read the request, ask a selector or a service, and show the answer; they decide nothing."""
