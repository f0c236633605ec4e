collections.Counter()

# ---
# code: RUNTIME_ERROR
# line: 1
# message: name 'collections' is not defined
# hint: `import collections` first
