sizes = [len(toy.giant(mib=mib, kind="text")) for mib in (10, 100)]
print(sizes)
# ---
# flags: --timeout 30 --max-result 256 --memory 1024
# code: none
# stdout: [10485760, 104857600]
