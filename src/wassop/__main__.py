"""`python -m wassop`."""

from wassop.cli import main

if __name__ == "__main__":
    main()
