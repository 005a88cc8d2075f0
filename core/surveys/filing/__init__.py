"""Files of responses that programs read: workbooks (.xlsx) and SPSS system files (.sav).

`making` runs in the API and feeds a bounded process of its own, `__main__`, which writes the file.
"""
