"""Programs, one for each step between files; what two of them share stands outside."""
