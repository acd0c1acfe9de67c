"""The course of one patient: its data as compact JSON made by SQL, and the pages that show it."""
