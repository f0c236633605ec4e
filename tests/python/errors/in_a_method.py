class Account:
    def __init__(self, balance):
        self.balance = balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(f"cannot take {amount} from {self.balance}")
        self.balance -= amount


Account(10).withdraw(25)

# ---
# code: RUNTIME_ERROR
# line: 7
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 11, in <module>
#       Account(10).withdraw(25)
#       ~~~~~~~~~~~~~~~~~~~~^^^^
#     File "<script 1>", line 7, in withdraw
#       raise ValueError(f"cannot take {amount} from {self.balance}")
#   ValueError: cannot take 25 from 10
