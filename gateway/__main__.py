"""`python -m gateway` is `otpgate`."""

from gateway.cli import main

if __name__ == "__main__":
    main()
