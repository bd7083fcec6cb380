"""``python -m cordboard`` is the command ``cordboard``."""

from cordboard.cli.main import main

main()
