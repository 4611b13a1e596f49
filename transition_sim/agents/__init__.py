"""Who decides: enterprises, utilities, governments, financiers."""
