"""People: their accounts, and how they come in."""
