"""Organizations, the people in them, and the walls between them."""
