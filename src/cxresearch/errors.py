"""The one exception that is meant for the person at the keyboard."""


class InputError(ValueError):
    """Something in the user's files, settings or folders that they can mend.

    The message says what was expected, what was found, where, and what to do next. The command line
    prints it as one paragraph and ends with exit code 2; in a notebook it is an ordinary exception.

    Examples
    --------
    >>> raise InputError("comments.csv has no column 'text'. Name it under inputs: columns:")
    Traceback (most recent call last):
    cxresearch.errors.InputError: comments.csv has no column 'text'. Name it under inputs: columns:
    """
