//! An independent client: the one of the Python package `mcp`, by the handshake and without it.

use serde_json::json;

use crate::support::{
    program::Program,
    servers::{installed, toy},
};

const SCRIPT: &str = r#"
import asyncio, json, os, sys
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client

async def main(mode):
    params = StdioServerParameters(
        command=sys.argv[1], args=["serve", "--trust"], env={"HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}
    )
    async with Client(stdio_client(params), mode=mode) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        said = []

        async def progress(done, total, message):
            said.append(message)

        code = "x = toy.echo(text='a')\nanswer(x * 2)"
        first = await client.call_tool("execute_code", {"code": code, "session": "s"}, progress_callback=progress)
        second = await client.call_tool("execute_code", {"code": "x", "session": "s"})
        failed = await client.call_tool("execute_code", {"code": "1 / 0"})
        found = await client.call_tool("search_tools", {"query": "text"})
        guide = await client.read_resource("mcm://guide")
        prompt = await client.get_prompt("use_tools", {"task": "t"})
        many = await asyncio.gather(
            *(client.call_tool("execute_code", {"code": f"toy.echo(text='{n}')"}) for n in range(20))
        )
        print(json.dumps({
            "protocol": client.protocol_version,
            "tools": tools,
            "results": [first.structured_content["result"], second.structured_content["result"]],
            "failed": [failed.is_error, failed.structured_content["diagnostics"]["code"]],
            "found": len(found.structured_content["tools"]) > 0,
            "guide": guide.contents[0].text[:30],
            "prompt": len(prompt.messages),
            "progress": said[0],
            "many": [r.structured_content["result"] == str(n) for n, r in enumerate(many)] == [True] * 20,
        }))

asyncio.run(main(sys.argv[2]))
"#;

#[test]
fn the_python_client_uses_all_of_it_in_both_life_cycles() {
    for (mode, protocol) in [("legacy", "2025-11-25"), ("auto", "2026-07-28")] {
        let python = installed().join("python/bin/python");
        let servers = json!({"servers": {"toy": toy(&[])}}).to_string();
        let program = Program::of(&python, ["client.py", env!("CARGO_BIN_EXE_mcm"), mode])
            .file("client.py", SCRIPT)
            .file("mcp_servers.json", &servers);
        assert_eq!(
            program.run().expect(0).json(),
            json!({
                "protocol": protocol,
                "tools": ["execute_code", "search_tools", "describe_tools"],
                "results": ["aa", "a"],
                "failed": [true, "RUNTIME_ERROR"],
                "found": true,
                "guide": "# The sandbox of `execute_code`"[..30],
                "prompt": 1,
                "progress": "toy.echo: called",
                "many": true,
            })
        );
    }
}
