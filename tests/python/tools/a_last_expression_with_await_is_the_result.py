await toy.add.aio(1)

# ---
# result: 2
# answered: false
