"""The commands of the command line, a module each: ``add_parser`` and ``run``.

What they answer goes to standard output, everything else to standard error.  None imports Qt, and
none imports torch before it runs: ``--help`` is there at once.
"""
