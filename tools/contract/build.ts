// npm run contract:build — compiles the contracts and writes the JSON that the operator, the CLI and the tests import.
import { published, readCompiled, writeCommitted } from "./artifact.ts";
import { runForge } from "./forge.ts";

const { status } = await runForge(["build", "--quiet", "contracts/src", "contracts/test/tokens/TestToken.sol"]);
if (status !== 0) process.exit(status);
for (const name of published) {
  const artifact = await readCompiled(name);
  await writeCommitted(name, artifact);
  console.log(`${name}: ${artifact.runtimeBytes} bytes on chain, ${artifact.abi.length} ABI entries`);
}
