"""Rule scripts: what can be said of a pair by rule, fixed in it, or told apart."""
