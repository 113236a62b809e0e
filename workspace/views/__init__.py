"""The pages. They read, and call services to write."""
