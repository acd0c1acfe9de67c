"""A second, independent reading of the semantics: a grader that walks a chart minute by minute.

It shares no code and no method with the pipeline: no SQL, no interval arithmetic, only the plain question of
the semantics asked at every minute. Where the two differ on a chart, one of them has misread a sentence.
"""
