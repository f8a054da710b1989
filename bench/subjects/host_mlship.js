/** The library as a caller uses it, on a batch of bytes: node host_mlship.js FOLDER FILE RUNS prints {"median": milliseconds}. */
import { readFileSync } from "node:fs";
import { loadModel } from "../../dist/lib/index.js";
import { median } from "../table.js";

const [folder, file, runs] = process.argv.slice(2);
const items = JSON.parse(readFileSync(file, "utf8"));
const data = items.map((text) => new Uint8Array(Buffer.from(text, "base64")));
const version = await loadModel(folder);

const times = await version.use("serving_default", async (session) => {
	const [{ name }] = session.inputs;
	const input = { dtype: "string", shape: [data.length], data };
	const once = async () => {
		const start = performance.now();
		await session.run({ [name]: input });
		return performance.now() - start;
	};
	for (let i = 0; i < Number(runs); i++) await once();
	const measured = [];
	for (let i = 0; i < Number(runs); i++) measured.push(await once());
	return measured;
});
await version.close();
console.log(JSON.stringify({ median: median(times) }));
