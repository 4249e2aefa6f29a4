"""What every other package stands on: the error that is meant for the user, whole files, and hashes of files."""
