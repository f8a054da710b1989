import { request } from "node:http";

/** Posts a body over a connection of an agent, and resolves when the answer is there; fails where it is no 200. */
export function post(url, body, agent) {
	return new Promise((resolve, reject) => {
		const sent = request(
			url,
			{
				method: "POST",
				agent,
				headers: {
					"content-type": "application/json",
					"content-length": body.length,
				},
			},
			(response) => {
				response.resume();
				response.on("end", () =>
					response.statusCode === 200
						? resolve()
						: reject(new Error(`status ${response.statusCode}`)),
				);
				response.on("error", reject);
			},
		);
		sent.on("error", reject);
		sent.end(body);
	});
}
