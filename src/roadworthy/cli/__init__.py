"""The command line: parse, call one thing, show. The only place where errors become exit codes."""
