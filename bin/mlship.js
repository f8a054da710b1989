#!/usr/bin/env node
import { existsSync } from "node:fs";

const built = new URL("../bundle/main.js", import.meta.url);
if (!existsSync(built)) {
	process.stderr.write(
		"error: cannot run mlship: it is not built\nhint: run npm run build\n",
	);
	process.exit(1);
}
const { runProcess } = await import(built.href);
await runProcess();
