"""`python -m trieur`."""

from trieur.cli.main import app

app(prog_name="trieur")
