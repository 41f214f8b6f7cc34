"""The coach at work: text in, text out, no database."""
