"""`python -m integration.cli` is `ladenbote`."""

from integration.cli import main

main()
