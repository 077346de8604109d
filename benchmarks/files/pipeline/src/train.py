print("fares")
