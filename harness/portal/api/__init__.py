"""What machines may ask, each with a token of one project and one purpose. None of it signs, answers or decides."""
