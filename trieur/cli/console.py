"""`trieur console`: what is deployed as pages in a browser, served on this machine."""

import importlib.util
from typing import Annotated, Final

import typer
from rich.text import Text

from trieur.cli.options import DEFAULT_STACK, AsJson, Local, Region, Stack, WrongUsage, connect
from trieur.cli.output import Paper, fails_in_a_sentence, print_json, printing

_PARTS: Final = ("fastapi", "jinja2", "uvicorn")


@fails_in_a_sentence
def console(
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65_535,
            metavar="PORT",
            help="Where on 127.0.0.1 it is served; 0 is a free one. By default 8765, or a free one where that is"
            " taken.",
            show_default=False,
        ),
    ] = None,
    opened: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Serve a console on this machine: classifiers, their runs as they go, a box to try them in, drops, costs.

    The pages act with your AWS credentials and are served at 127.0.0.1 only, to whoever has the address with its
    token, which is printed. Nothing leaves this machine but what is asked of AWS. Ctrl-C ends it.

    It takes the package's extra console: `pip install 'trieur[console]'`. See docs/console.md.

    With --json, the object has the key url, and is printed once the console answers.

    The exit status is 0 once it was ended; 2 for wrong usage, such as a port that is taken, or where AWS cannot be
    asked.

    Examples:

        trieur console
        trieur console --local --port 9000 --no-open
    """
    missing = [part for part in _PARTS if importlib.util.find_spec(part) is None]
    if missing:
        raise WrongUsage(f"The console needs {' and '.join(missing)}: run `pip install 'trieur[console]'`.")
    from trieur.console.account import AccountPlace
    from trieur.console.serving import PortTaken, serve

    place = AccountPlace(connect(local, stack, region))

    def tell(url: str) -> None:
        if as_json:
            print_json({"url": url})
            return
        with printing():
            paper = Paper()
            paper.print(Text.assemble("The console of ", (place.title, "bold"), " answers at"), soft_wrap=True)
            paper.print(Text(f"  {url}", "bold"), soft_wrap=True)
            paper.print("Whoever has this address can use it with your credentials. Ctrl-C ends it.", soft_wrap=True)

    try:
        serve(place, port=port, open_browser=opened, tell=tell)
    except PortTaken as error:
        raise WrongUsage(str(error)) from error
    if not as_json:
        with printing():
            Paper().print("The console has ended.")
