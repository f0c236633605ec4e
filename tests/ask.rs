//! `mcm ask` as a user starts it: real servers, a real endpoint, the real worker.

use serde_json::{Value, json};

use crate::support::{
    asked::{Case, Outcome, holds, script},
    endpoint::{Endpoint, Reply},
    program::{Ended, Program, Started},
    servers::{everything, filesystem, memory, toy},
};

mod approval;
mod inputs;
mod interrupts;
mod model_trouble;

mod scripts;
mod servers;
mod takeover;

#[test]
fn forty_files_are_read_and_stored_by_one_script_and_only_the_answer_is_printed() {
    let endpoint = Endpoint::start([script(
        r#"import asyncio
names = [e["name"] if isinstance(e, dict) else e for e in []] or [f"docs/{i}.txt" for i in range(40)]
texts = await asyncio.gather(*(filesystem.read_text_file.aio(path=n) for n in names))
total = sum(int(t.split()[1]) for t in texts)
memory.create_entities(entities=[{"name": "total", "entityType": "sum", "observations": [str(total)]}])
found = memory.search_nodes(query="total")
answer({"files": len(texts), "total": total, "stored": found["entities"][0]["observations"]})"#,
    )]);
    let mut program = Program::new(["ask", "Sum the numbers in docs"]).model(&endpoint.base_url());
    for i in 0..40 {
        program = program.file(&format!("docs/{i}.txt"), &format!("number {i}\n"));
    }
    let folder = program.folder();
    let servers = json!({
        "filesystem": filesystem(&folder),
        "memory": memory(&folder.join("memory.jsonl")),
        "everything": everything(),
    });
    let ended = program.servers(&servers).run().expect(0);
    let expected = json!({ "files": 40, "total": (0..40).sum::<i32>(), "stored": [(0..40).sum::<i32>().to_string()] });
    assert_eq!(ended.stdout, format!("{expected}\n"));
    assert_eq!(endpoint.requests().len(), 1);
}

#[test]
fn a_key_error_is_shown_to_the_model_with_traceback_line_output_and_calls_and_then_mended() {
    let endpoint = Endpoint::start([
        script("print('looking')\nr = toy.structured()\nanswer(r['nothing'])"),
        script("answer(sorted(toy.structured()))"),
    ]);
    let program = Program::new(["ask", "Which keys?", "--json"]).model(&endpoint.base_url());
    let ended = program.servers(&json!({ "toy": toy(&[]) })).run().expect(0);
    let record = ended.json();
    assert_eq!(record["status"], "answered");
    assert_eq!(record["usage"]["model_calls"], 2);
    assert_eq!(record["steps"][0]["execution"]["diagnostics"]["code"], "RUNTIME_ERROR");
    assert_eq!(record["steps"][0]["execution"]["diagnostics"]["line"], 3);
    let requests = endpoint.requests();
    let second = requests[1].last_message();
    for part in [
        "KeyError",
        "line 3",
        "looking",
        "toy.structured",
        "answer(r['nothing'])",
    ] {
        assert!(second.contains(part), "the second prompt lacks {part}:\n{second}");
    }
}
