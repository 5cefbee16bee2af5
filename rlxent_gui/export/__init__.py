"""What leaves the window as a file: pictures, plots, animations."""
