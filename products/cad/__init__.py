"""3D models as files: what is wrong with one, and the converter in a process of its own. Knows no record."""
