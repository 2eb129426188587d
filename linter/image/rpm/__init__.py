"""Databases of rpm, in all three forms that distributions use, read from memory: nothing in them is run or believed."""
