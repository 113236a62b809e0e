"""The people who do the work, and when they work."""
