"""Everything that leaves: letters by mail. What they say is decided elsewhere."""
