"""Reads change sets of the AWS Marketplace Catalog API: what a listing of a machine-learning product says and costs.

Everything works on a document's value and places; the manifest inspector finds the change sets and hands them over.
"""
