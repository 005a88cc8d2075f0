"""Work of which nobody knows what it takes, in a process of its own: bounded in time, memory and output.

`running` starts such a process and `inside` is what runs in it. Imports nothing of core.
"""
