//! Local endpoints, and token counts.

use super::*;

#[test]
fn local_endpoints_are_found_by_preference_and_whatever_else_listens_is_ignored() {
    let ollama = Endpoint::start([]).with_models(&["llama", "qwen"]);
    let vllm = Endpoint::start([]);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let candidates = [
        Candidate {
            name: "silent",
            port: silent.local_addr().unwrap().port(),
        },
        Candidate {
            name: "refused",
            port: 1,
        },
        Candidate {
            name: "Ollama",
            port: ollama.port(),
        },
        Candidate {
            name: "vLLM",
            port: vllm.port(),
        },
    ];
    let found = block_on(discover::discover(&candidates, Duration::from_secs(2)));
    let found = found
        .iter()
        .map(|found| (found.name, found.base_url.clone(), found.models.join(" ")));
    let expected = [
        ("Ollama", ollama.base_url(), "llama qwen".to_owned()),
        ("vLLM", vllm.base_url(), "test-model".to_owned()),
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn tokens_are_exact_for_known_models_and_an_estimate_for_others() {
    let count = |model| {
        let count = tokens::count(model, "hello world, <|endoftext|> grüße");
        (count.tokens, count.exact)
    };
    let (known, exact) = count("gpt-4o");
    assert!(exact && known > 5);
    assert_eq!(count("openai/gpt-4o"), (known, true));
    assert_eq!(count("llama3.2:3b"), (known, false));
    assert!(count("gpt-4").1);
    assert_eq!(tokens::count("gpt-4o", "hello world").tokens, 2);
    let spaces = tokens::count("gpt-4o", &" ".repeat(1 << 20));
    assert_eq!(
        (spaces.tokens, spaces.exact),
        (1 << 18, false),
        "too much for the tokenizer"
    );
    let two_messages = tokens::count_prompt("gpt-4o", &prompt("hello world"));
    assert_eq!((two_messages.tokens, two_messages.exact), (3 + 2 * 4 + 4 + 2, true));
}
