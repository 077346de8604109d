print("titanic")
