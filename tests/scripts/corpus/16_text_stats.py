text = "To be, or not to be: that is the question. Whether 'tis nobler in the mind"
words = [w.strip(".,:;'").lower() for w in text.split()]
freq = {}
for w in words:
    freq[w] = freq.get(w, 0) + 1
top = sorted(freq.items(), key=lambda kv: (-kv[1], kv[0]))[:3]
print(len(words), top, max(words, key=len), any(w.startswith("q") for w in words))

# ---
# stdout:
#   16 [('be', 2), ('the', 2), ('to', 2)] question True
