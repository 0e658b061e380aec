"""Settings by environment: local, test, production. What differs between sites comes from the environment alone."""
