"""The exception for errors that a user can fix."""


class SegReproError(Exception):
    """An error that the user can fix.

    The message names the file, the field, what was found, what was expected and the next step. Command-line
    programs print it without a traceback and exit with status 1, and so they do with the message that
    `system_errors` makes of an error of the system; any other exception is a bug.
    """
