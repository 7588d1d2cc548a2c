"""What follows from what: pure functions over the model."""
