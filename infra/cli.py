"""The `kadr` command. Everything heavy is imported only by the command that needs it."""

import importlib
import os
import sys
from typing import Any

import click

from infra.errors import KadrError

# Where each command lives, and its line in `kadr --help`, so that the help imports none of them.
COMMANDS = {
    "up": ("infra.processes:up", "Start the local stack and wait until it is ready."),
    "down": ("infra.processes:down", "Stop the local stack; its data stay."),
    "status": ("infra.processes:status", "Show what runs and where."),
    "init": ("infra.initialise:init", "Create topics, buckets, notifications and indices."),
    "demo": ("infra.demo:demo", "Make videos, index them and search inside them."),
    "upload": ("infra.content:upload", "Upload videos."),
    "publish": ("infra.publish:publish", "Publish events about videos."),
    "search": ("infra.content:search", "Search inside the videos."),
    "evaluate": ("infra.evaluate:evaluate", "Measure how well search finds."),
    "worker": ("infra.processes:worker", "Run a Faust worker in the foreground."),
    "api": ("infra.processes:api", "Run the search API in the foreground."),
    "encoder": ("infra.processes:encoder", "Run the encoder server in the foreground."),
    "models": ("infra.models:models", "List, fetch and check models."),
    "dead-letters": ("infra.dead_letters:dead_letters", "List, show, replay and discard dead letters."),
    "reconcile": ("infra.upkeep:reconcile", "Compare the buckets with the ledger."),
    "sweep": ("infra.upkeep:sweep", "Delete moments that the ledger does not vouch for."),
    "doctor": ("infra.doctor:doctor", "Check everything and say what is wrong."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names the commands, in the order in which they are met."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kadr", prog_name="kadr")
def kadr() -> None:
    """Find the second in which something is said or shown inside videos.

    Everything is set with KADR_* variables; the README lists them. KADR_DEBUG=1 shows where an error comes from.

    \b
    Examples:
      kadr up
      kadr upload talk.mp4 --title "Opening talk" --wait
      kadr search "ask what you can do for your country"
      kadr down
    """


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line; an error reaches the user as one sentence, with KADR_DEBUG=1 as a traceback."""
    if os.environ.get("KADR_DEBUG", "") not in ("", "0"):
        kadr.main(arguments, prog_name="kadr")
    try:
        sys.exit(_status(kadr.main(arguments, prog_name="kadr", standalone_mode=False)))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except KadrError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:  # The outermost boundary: what nobody foresaw is still one sentence.
        click.echo(f"Error: {type(error).__name__}: {error} (KADR_DEBUG=1 shows where it comes from).", err=True)
        sys.exit(1)


def _status(result: Any) -> int:
    """Reads the exit status that click returns instead of raising it."""
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
