import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

/** What browsers insist on. */
const TYPES = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8",
	".json": "application/json",
	".wasm": "application/wasm",
};

/** A web server of one folder: {url, close}. A name in `elsewhere` is a file that lies somewhere else. */
export async function serveFolder(folder, elsewhere = {}) {
	const server = createServer((request, response) => {
		const { pathname } = new URL(request.url, "http://localhost");
		const wanted = pathname === "/" ? "/index.html" : pathname;
		const name = normalize(decodeURIComponent(wanted));
		const file = elsewhere[name] ?? join(folder, name);
		const stream = createReadStream(file);
		stream.on("open", () => {
			const type = TYPES[extname(file)] ?? "application/octet-stream";
			response.writeHead(200, { "content-type": type });
			stream.pipe(response);
		});
		stream.on("error", () => {
			if (response.headersSent) response.destroy();
			else response.writeHead(404).end();
		});
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${server.address().port}/`,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}
