//! A program to begin with.

/// Its text.
pub fn sample() -> &'static str {
    SAMPLE
}

const SAMPLE: &str = r#"---
description: Says whether a text answers a question, and why.

# What it is given, and what it must answer. Types: str, int, float, bool, date, datetime, list[…], dict[str, …],
# Literal[…], Optional[…], … | …, {name: type}. A description follows `#` or `--`.
signature: |
  question: str      # what the text should answer
  text: str
  -> verdict: Literal["yes", "no", "partly"]
  reasons: list[str] # one sentence each

# The only servers and tools that it may use (tools are globs on server.tool); all of them if left out.
servers: []
# tools: ["filesystem.read_*"]

# Flags that hold unless they are typed, or limits that the environment sets.
limits:
  max-steps: 4
# model: NAME

# Tasks of this kind, done well: the model is shown them as earlier exchanges.
demonstrations:
  - inputs:
      question: When does the shop open?
      text: The shop is open on weekdays.
    script: |
      answer({"verdict": "partly", "reasons": ["It names the days.", "It names no hour."]})
    answer:
      verdict: partly
      reasons: [It names the days., It names no hour.]
---
Judge whether `text` answers this question: {{ question }}

Quote no more than a few words of it.
"#;
