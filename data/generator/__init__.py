"""Seeded generator of invented trial cohorts with cytokine release syndrome.

patient.py      who is treated, and the charting habits of the three sites
script.py       what happens to one patient, in hours since the infusion
care.py         the orders a ward writes: oxygen, infusions, fluids, drugs
scenarios.py    one function per clinical course
roster.py       which patient number follows which course, at which site, graded how
physiology.py   temperature, pressures, rates and saturation that follow the script
charting.py     when a nurse charts, and the rows that come of it
slips.py        charting errors planted on purpose
recording.py    the grade a clinician wrote down
cohort.py       all of it for one patient
output.py       the three tables as CSV or Parquet
layouts/        the sample cohort in the layout of every source
"""
