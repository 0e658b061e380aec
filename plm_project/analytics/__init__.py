"""Analytics: read models across contexts (dashboard). Writes nothing; nobody imports it but the wiring."""
