"""The first step of every make target: check Python, then set the checkout up.

    bootstrap.py setup      the virtual environment, the front-end libraries and the front end
    bootstrap.py run        the port first, then the set-up

This file keeps to syntax that Python 2.7 reads too, so that an old one gets its sentence and not a SyntaxError. The
work is in provision.py, which is imported only after the check.
"""

import sys

NEEDED = (3, 11)


def main():
    """Run the step named on the command line and return the exit status."""
    if sys.version_info[:2] < NEEDED:
        sys.stderr.write(
            "Python %d.%d or newer is needed, but %s is Python %d.%d: install a newer one, or name it with "
            "`make PYTHON=/path/to/python3 ...`.\n" % (NEEDED + (sys.executable,) + tuple(sys.version_info[:2]))
        )
        return 1
    import provision

    return provision.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
