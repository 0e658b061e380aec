"""Products: item master, revisions, bills of material. Stands on the ground, knows no other context."""
