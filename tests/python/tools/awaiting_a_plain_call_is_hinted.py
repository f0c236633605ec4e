await toy.add(1)

# ---
# code: RUNTIME_ERROR
# line: 1
# hint: .aio
