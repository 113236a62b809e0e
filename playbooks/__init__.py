"""What is to be done with which customers, and how often."""
