"""How different the texts of a dataset are from each other."""
