"""Parts of the product are killed with -9, one after another, while people work."""
