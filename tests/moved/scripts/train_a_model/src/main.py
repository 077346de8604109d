"""Learns who defaults."""

import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--checkpoints")
parser.add_argument("--test_train_ratio", type=float)
parser.add_argument("--learning_rate", type=float)
print(vars(parser.parse_args()))
