"""Pages: thin Solara components that show what the view model gives, and pass on what the visitor does."""
