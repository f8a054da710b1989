// The HEALTHCHECK of images: asks the server /readyz, on the port that it was given. No shell and no curl are needed.
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { request as secureRequest } from "node:https";

const words = readFileSync("/proc/1/cmdline", "utf8").split("\0");
const option = (name) => {
	const spellings = [`--${name}`, `--${name.replaceAll("_", "-")}`];
	for (const [i, word] of words.entries())
		for (const flag of spellings) {
			if (word === flag) return words[i + 1];
			if (word.startsWith(`${flag}=`)) return word.slice(flag.length + 1);
		}
	return process.env[`MLSHIP_${name.toUpperCase().replaceAll("-", "_")}`];
};
const port = Number(option("rest_api_port") || 8501);
const isSecure = Boolean(option("tls-cert") || option("ssl_config_file"));
const options = {
	host: "127.0.0.1",
	port,
	path: "/readyz",
	timeout: 2000,
	rejectUnauthorized: false,
};
const asked = (isSecure ? secureRequest : request)(options, ({ statusCode }) =>
	process.exit(statusCode === 200 ? 0 : 1),
);
asked.on("timeout", () => asked.destroy(new Error("no answer within 2 s")));
asked.on("error", (error) => {
	console.error(error.message);
	process.exit(1);
});
asked.end();
