"""What it costs to read the table once: `python read.py TABLE`; further arguments are ignored."""

import sys

import pandas as pd

table = sys.argv[1]
df = pd.read_csv(table) if table.endswith(".csv") else pd.read_parquet(table)
print(df.shape)
