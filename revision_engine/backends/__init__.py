"""Ways to run a coach, each behind `base.Backend` and reached by dotted path."""
