import { execFileSync } from "node:child_process";
import { readdirSync, realpathSync, statSync } from "node:fs";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";
import { type TarEntry, writeTar } from "../../src/lib/formats/tar.js";

export const BASE = "mlship-test/node:local";

/**
 * An image with the Node.js that runs here and the libraries of this system that it and native packages load; no shell, no
 * program else. It needs no registry, and what serves in it serves in any image with Node.js and glibc.
 */
export async function makeBase(api: Docker): Promise<void> {
	const node = realpathSync(process.execPath);
	const native = ["onnxruntime-node/bin", "@img"].flatMap((folder) =>
		readdirSync(`node_modules/${folder}`, { recursive: true, encoding: "utf8" })
			.filter((name) => /\.(node|so(\.[\d.]+)?)$/.test(name))
			.filter((name) => !/(^|\/)(darwin|win32)\//.test(name))
			.filter((name) => folder === "@img" || name.includes(process.arch))
			.map((name) => `node_modules/${folder}/${name}`),
	);
	const libraries = new Set([node, ...native].flatMap(librariesOf));
	const entries: TarEntry[] = [
		{
			name: "Dockerfile",
			content: Buffer.from(
				"FROM scratch\nCOPY root/ /\nENV PATH=/usr/local/bin\n",
			),
			mode: 0o644,
		},
		{ name: "root/tmp/", content: new Uint8Array(), mode: 0o1777 },
		file("/usr/local/bin/node", node),
		...[...libraries].map((path) => file(path, path)),
	];
	const stream = await api.buildImage(Readable.from(writeTar(entries)), {
		t: BASE,
	});
	let said = "";
	stream.on("data", (part) => {
		said += part;
	});
	await finished(stream);
	if (said.includes('"error"')) throw new Error(said);
}

/** Absolute paths that the loader of this system finds. */
function librariesOf(path: string): string[] {
	const lines = execFileSync("ldd", [path], { encoding: "utf8" }).split("\n");
	return lines.flatMap(
		(line) => /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? [],
	);
}

function file(name: string, path: string): TarEntry {
	const real = realpathSync(path);
	return {
		name: `root${name}`,
		content: { path: real, byteLength: statSync(real).size },
		mode: 0o755,
	};
}
