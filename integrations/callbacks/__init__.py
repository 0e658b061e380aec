"""What neighbours tell us: kinds of callbacks as data, each with its schema and what it means for our records."""
