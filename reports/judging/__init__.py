"""Claims x evidence -> rows -> verdicts, without a word of HTML."""
