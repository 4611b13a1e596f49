"""Analyses of a study: each takes its results and gives a table, a figure and sentences."""
