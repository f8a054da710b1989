import { expect, test } from "vitest";
import {
	readCounts,
	readCpus,
	readEnv,
	readGateway,
	readSources,
} from "../../../../src/lib/deploy/k8s/request.js";
import { memoryOf, startSeconds } from "../../../../src/lib/deploy/k8s/size.js";

test.each([
	[{}, { nodes: undefined, replicas: 2, maxReplicas: 6 }],
	[{ nodes: "5" }, { nodes: 5, replicas: 5, maxReplicas: 15 }],
	[
		{ nodes: "5", replicas: "3" },
		{ nodes: 5, replicas: 3, maxReplicas: 15 },
	],
	[
		{ nodes: "5", maxReplicas: "8" },
		{ nodes: 5, replicas: 5, maxReplicas: 8 },
	],
	[{ replicas: "1" }, { nodes: undefined, replicas: 1, maxReplicas: 3 }],
	[
		{ nodes: "2", replicas: "9" },
		{ nodes: 2, replicas: 9, maxReplicas: 9 },
	],
])("%j means %j", (request, counts) => {
	expect(readCounts(request)).toEqual(counts);
});

test("processors are read as Kubernetes writes them", () => {
	expect(["2", "500m", "1.5"].map(readCpus)).toEqual([2, 0.5, 1.5]);
});

test("what a variable holds is what the server gets, dollars too", () => {
	// Kubernetes replaces $(NAME) in values and makes one $ of two
	expect(readEnv(["A=1=2", "B=$(A) $x"])).toEqual({
		A: "1=2",
		B: "$$(A) $$x",
	});
});

test("networks of both families are taken", () => {
	const networks = ["203.0.113.0/24", "2001:db8::/32", "0.0.0.0/0"];
	expect(readSources(networks)).toEqual(networks);
});

test("a gateway without a namespace is in the service's own", () => {
	expect(readGateway({ gateway: "web" }, "shop")).toEqual({
		name: "web",
		namespace: "shop",
	});
	expect(readGateway({ gateway: "infra/web" }, "shop")).toMatchObject({
		namespace: "infra",
	});
});

test("memory leaves room for a version that loads beside those that serve", () => {
	// 200 MiB of server, 2 times 100 MiB of weights while they serve, 3 times 100 more while they load, 1.3 times all of it,
	// up to the next 32: 520 → 544, 910 → 928
	const size = { bytes: 100 * 2 ** 20, largest: 100 * 2 ** 20 };
	expect(memoryOf(size, "mlship")).toEqual({
		request: "544Mi",
		limit: "928Mi",
	});
	// a minute, and 5 seconds at 20 MiB each
	expect(startSeconds(size)).toBe(65);
});
