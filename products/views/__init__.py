"""The pages of products, as thin as the other doors: permit, read the form, call a service or selector, render."""
