"""Static checks of machine-learning products before they are submitted to AWS Marketplace."""

__version__ = "0.1.0"
