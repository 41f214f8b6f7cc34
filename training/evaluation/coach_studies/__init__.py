"""Studies of coaches: many are trained alike but in one respect, and measured alike."""
