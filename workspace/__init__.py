"""The pages of CSMs and leaders. They call services and write nothing of their own."""
