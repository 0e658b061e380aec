"""Release packages: what a change released, in one file that proves itself."""
