from dataclasses import dataclass
@dataclass
class Hit:
    title: str
    score: float = 0.0
hits = [Hit("a", 0.5), Hit("b", 0.9), Hit("c")]
hits.sort(key=lambda h: -h.score)
print([h.title for h in hits], hits[0])

# ---
# stdout:
#   ['b', 'a', 'c'] Hit(title='b', score=0.9)
