"""What runs inside the engines' own processes: what workspace authors import, and our workers there."""
