"""What keeps a notebook from becoming a page."""


class PublishError(Exception):
    """Why no page was written, in words for the person who asked for it."""
