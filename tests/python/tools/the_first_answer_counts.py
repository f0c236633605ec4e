try:
    answer({"x": 1})
except:
    pass
finally:
    print("finally")
answer(2)
print("never")

# ---
# result: {"x": 1}
# answered: true
# stdout:
#   finally
