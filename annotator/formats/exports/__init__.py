"""What goes out: pairs in the shapes that training reads, and the files they lie in."""
