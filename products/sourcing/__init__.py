"""The rules of sourcing that need no database: the life of a source, what a quantity costs, the file of sources."""
