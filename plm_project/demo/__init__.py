"""The demo tenants: invented products and their changes, loaded through the services like anybody's."""
