"""Web: the design system, base pages and what every page class shares. See README.md for the component list."""
