"""Making coaches: snapshot -> run -> evaluation -> promoted version."""
