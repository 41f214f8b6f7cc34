"""Files of pairs, both directions: one file a format, errors with row numbers."""
