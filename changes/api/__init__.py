"""The REST door of changes. It parses, asks a selector or a service, and writes the answer; it decides nothing."""
