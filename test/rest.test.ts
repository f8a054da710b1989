import { describe, expect, test } from "vitest";
import { Host } from "../src/lib/serving/host.js";
import { loadModel } from "../src/lib/serving/load.js";
import { answerCall } from "../src/lib/serving/rest/routes.js";
import { readCorpus } from "./corpus.js";
import { answerOf, formsOf, problems, requestOf } from "./dialect.js";
import { serviceOf } from "./lib/serving/rest/service.js";

/** The models that answer over REST. */
const SERVED =
	/^(digits|mobile|unet|transformer|dtypes|tfjs-node|tensorflow-serving)\b/;

/** Signatures that do not: variables cannot be set yet; bytes that are no UTF-8 are written as upstream does, so unreadably. */
const NOT_READ = /:(incr_counter|incr_counter_by|reset_counter|same_string)$/;

for (const { name, dir, cases } of readCorpus().filter(({ name }) =>
	SERVED.test(name),
))
	describe(`${name} over REST`, () => {
		const host = new Host((path) =>
			loadModel(path, { workers: 1, threads: 1 }),
		);
		const signatures = new Set(cases.map(({ signature }) => signature));
		for (const signature of signatures) {
			if (NOT_READ.test(`${name}:${signature}`)) continue;
			test(`${signature} answers as TensorFlow does`, async () => {
				await host.addVersion(name, { version: 1n, dir }).catch(() => {});
				const asked = cases.filter((item) => item.signature === signature);
				for (const [index, item] of asked.entries())
					for (const form of formsOf(item)) {
						const { status, body } = await answerCall(serviceOf(host), {
							method: "POST",
							url: `/v1/models/${encodeURIComponent(name)}:predict`,
							body: Buffer.from(requestOf(item, form)),
						});
						const text = Buffer.from(body).toString();
						expect(status, text).toBe(200);
						const found = problems(answerOf(text, item, form), item.outputs);
						expect(found, `case ${index} as ${form}`).toEqual([]);
					}
			});
		}
	});
