"""Gives the mini batches of a parallel job to several processes: `python …/parallel_driver`, in the job's interpreter.

A program of its own, which imports nothing of mlsdk: it runs where mlsdk is not installed, and needs the standard library alone
(and pandas where the input is a table). `mlsdk.local.parallel` writes its command line.
"""
