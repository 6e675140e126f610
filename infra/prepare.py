"""The steps of a start: `python -m infra.prepare topics` and `python -m infra.prepare all`.

They run in a process of their own, so that the supervisor stays small and can end them.
"""

import sys

from infra.errors import KadrError
from infra.settings import read_settings


def main(arguments: list[str]) -> int:
    """Creates the topics, or everything that kadr needs; returns the exit status."""
    settings = read_settings()
    try:
        if arguments == ["topics"]:
            from infra.topics import create_topics

            changes = create_topics(settings)
        else:
            from infra.initialise import initialise

            changes = initialise(settings)
    except KadrError as error:
        print(f"Error: {error}", flush=True)
        return 1
    for change in changes:
        print(change, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
