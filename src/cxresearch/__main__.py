"""``python -m cxresearch`` is the command ``cxresearch``."""

from .cli import main

main()
