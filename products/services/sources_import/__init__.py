"""Sources and offers from a file (format: ``products/sourcing/source_file.py``): all of it, or nothing."""

from products.services.sources_import.run import SourcesImport, sources_import

__all__ = ["SourcesImport", "sources_import"]
