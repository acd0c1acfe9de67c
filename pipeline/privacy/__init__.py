"""What keeps persons out of the results: a screen of what was read, pseudonyms on demand, no absolute date unasked.

A source fills the schema `sources`; `veil` may then put views before it, in which subject ids, recorders and dates within
texts are replaced, so that no later room ever holds the real ones. `screen` looks at what staging made of the texts, before
anything is graded; `dates` takes away the one table with calendar dates when the build is done.
"""
