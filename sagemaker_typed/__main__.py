"""`python -m sagemaker_typed` is the command line."""

from sagemaker_typed.cli import main

if __name__ == "__main__":
    main()
