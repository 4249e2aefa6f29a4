"""The one exception that a user of the suite is meant to read."""


class SegReproError(Exception):
    """Something that the user can put right.

    The message names the file, the field, what was found, what was expected and the next step. Command-line
    programs print it without a traceback and exit with status 1; every other exception is a defect of ours.
    """
