"""Accounting: energy, emissions, money, certificates, and the identities that must close."""
