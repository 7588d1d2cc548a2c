"""Who is asked: for each suite `command()` says what to start and `observe()` reads what came back."""
