"""Archives from their owners: downloaded, checked, logged in for, extracted."""
