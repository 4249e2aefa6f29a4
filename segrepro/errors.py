"""The exception for errors that a user can fix."""


class SegReproError(Exception):
    """An error that the user can fix.

    The message names the file, the field, what was found, what was expected and the next step. Command-line
    programs print it without a traceback and exit with status 1; any other exception is a bug.
    """
