"""Final evaluation of a plan, its successor beside it, and the papers of the two bodies' meetings."""
