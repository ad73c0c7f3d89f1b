"""What a user can cause, and mend."""


class UserError(Exception):
    """A mistake in the data, the parameters or the surroundings.

    Its text is the whole message, a line a mistake: where, what, and what to do.
    """
