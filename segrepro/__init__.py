"""Used by all other packages: the error class for users, atomic files and folders, and file hashes."""
