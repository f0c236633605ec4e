print(1)
quit()
print(2)

# ---
# result: null
# answered: false
# stdout:
#   1
