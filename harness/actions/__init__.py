"""What a person can ask for, callable without a terminal."""
