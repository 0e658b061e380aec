"""The project package: wiring in its files, the ground (core, tenancy, accounts, outbox, api, web, ops) in its packages."""
