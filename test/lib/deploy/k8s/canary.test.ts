import { expect, test } from "vitest";
import { trialService } from "../../../../src/lib/deploy/k8s/canary.js";
import { earlier } from "../../../../src/lib/deploy/k8s/rollback.js";
import { service } from "./service.js";

const gateway = { name: "web", namespace: "infra" };
const access = { loadBalancer: false, sources: [], namespaces: [], gateway };
const stable = service({
	image: "example.com/digits:1",
	models: [
		{ name: "digits", versions: ["1"], labels: {} },
		{ name: "words", versions: ["4", "5"], labels: {} },
	],
	replicas: 5,
	maxReplicas: 15,
	access,
});
const trial = {
	model: "digits",
	version: "2",
	percent: 10,
	wanted: service({ image: "example.com/digits:2", replicas: 2 }),
	hasImage: true,
};

test("a canary is the stable service with one other version, from the image that was named", () => {
	expect(trialService(stable, trial)).toMatchObject({
		image: "example.com/digits:2",
		replicas: 5,
		models: [
			{ name: "digits", versions: ["2"] },
			{ name: "words", versions: ["4", "5"] },
		],
		access,
	});
});

test.each([
	["all requests", { percent: 100 }, stable, "INVALID", /all requests/],
	[
		"a model that is not served",
		{ model: "cats" },
		stable,
		"NOT_FOUND",
		/serves digits@1/,
	],
	[
		"what all requests get",
		{ version: "1", hasImage: false },
		stable,
		"INVALID",
		/get it already/,
	],
	[
		"a version that is not in the image",
		{ hasImage: false },
		stable,
		"INVALID",
		/was made with digits@1 in it/,
	],
	[
		// nothing is passed over in silence (kserve#5335)
		"weights that nothing heeds",
		{},
		service({ models: stable.models }),
		"UNSUPPORTED",
		/no route shares them out/,
	],
] as const)("no canary gets %s", (_, otherwise, serving, code, said) => {
	expect(() => trialService(serving, { ...trial, ...otherwise })).toThrow(
		expect.objectContaining({ code, message: expect.stringMatching(said) }),
	);
});

test("another version of a volume needs no other image", () => {
	const weights = { kind: "pvc", claim: "models" } as const;
	const wanted = service({ weights });
	const made = trialService(
		{ ...stable, weights },
		{ ...trial, wanted, hasImage: false },
	);
	expect(made).toMatchObject({ image: "example.com/digits:1", weights });
});

test("one goes back to the release before, or to the last good one where an apply has failed", () => {
	const release = (id: number) => ({ id, time: "", service: stable });
	const kept = [release(7), release(5), release(2)];
	expect(earlier(kept, 7).map(({ id }) => id)).toEqual([5, 2]);
	// the Deployment bears a number that no release has
	expect(earlier(kept, 8).map(({ id }) => id)).toEqual([7, 5, 2]);
	expect(earlier([release(1)], 1)).toEqual([]);
});
