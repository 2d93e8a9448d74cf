"""Identity resolution: who wrote, and whose order it is."""
