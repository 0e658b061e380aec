"""Jobs: long work that nobody waits for in a request. It runs beside the requests, shows how far it is, and can be left
and come back to."""
