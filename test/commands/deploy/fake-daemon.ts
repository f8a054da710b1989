import { createServer, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

/** What a daemon is asked, and what it says: the Engine API's paths without version, by method. */
export interface FakeDaemon {
	readonly requests: readonly string[];
	/** The archive of the last build. */
	context(): Buffer;
	/** The header with credentials of the last push, decoded. */
	credentials(): string;
	close(): void;
}

export interface FakeAnswers {
	readonly components?: readonly { readonly Name: string }[];
	/** Lines of JSON. */
	readonly build: readonly unknown[];
	readonly push?: readonly unknown[];
	readonly history?: readonly unknown[];
	readonly image?: unknown;
}

/** Listens on a socket as Docker or Podman would. */
export async function fakeDaemon(
	path: string,
	answers: FakeAnswers,
): Promise<FakeDaemon> {
	const requests: string[] = [];
	let context = Buffer.alloc(0);
	let credentials = "";
	const server = createServer(async (request, response) => {
		const body = await buffer(request);
		const url = (request.url ?? "").replace(/\?.*/, "");
		requests.push(`${request.method} ${url}`);
		if (url === "/build") context = body;
		const auth = request.headers["x-registry-auth"];
		if (typeof auth === "string")
			credentials = Buffer.from(auth, "base64").toString();
		answer(url, response, answers);
	});
	await new Promise<void>((resolve) => server.listen(path, resolve));
	return {
		requests,
		context: () => context,
		credentials: () => credentials,
		close: () => void server.close(),
	};
}

function answer(
	url: string,
	response: ServerResponse,
	{
		components = [],
		build,
		push = [],
		history = [],
		image = { Id: "sha256:1" },
	}: FakeAnswers,
): void {
	const lines = (messages: readonly unknown[]) =>
		messages.map((message) => `${JSON.stringify(message)}\r\n`).join("");
	const json = (value: unknown) => JSON.stringify(value);
	const [, said] =
		(
			[
				[
					/^\/version$/,
					json({
						Version: "1",
						Os: "linux",
						Arch: "amd64",
						Components: components,
					}),
				],
				[/^\/build$/, lines(build)],
				[/\/push$/, lines(push)],
				[/\/history$/, json(history)],
				[/\/json$/, json(image)],
			] as const
		).find(([pattern]) => pattern.test(url)) ?? [];
	response.statusCode = said === undefined ? 404 : 200;
	response.end(said ?? json({ message: `no ${url}` }));
}
