import { expect, test } from "vitest";
import {
	failureOf,
	warningsIn,
} from "../../../../src/lib/deploy/k8s/refusals.js";

/** What kubectl 1.29 to 1.36 printed, and the status that mlship ends with. */
const SAID: readonly (readonly [string, string])[] = [
	[
		"The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?",
		"NOT_READY",
	],
	[
		"Unable to connect to the server: dial tcp: lookup k8s.example.com: no such host",
		"NOT_READY",
	],
	[
		"E1121 17:00:00.1 1 memcache.go:265] couldn't get current server API group list\nUnable to connect to the server: net/http: TLS handshake timeout",
		"NOT_READY",
	],
	["error: current-context is not set", "NOT_READY"],
	['error: context "prod" does not exist', "NOT_FOUND"],
	[
		"error: You must be logged in to the server (Unauthorized)",
		"UNAUTHENTICATED",
	],
	[
		"Unable to connect to the server: getting credentials: exec: executable gke-gcloud-auth-plugin not found",
		"UNAUTHENTICATED",
	],
	[
		'Error from server (Forbidden): deployments.apps "digits" is forbidden: User "eve" cannot patch resource "deployments" in API group "apps" in the namespace "shop"',
		"DENIED",
	],
	[
		'Error from server (Forbidden): error when creating "STDIN": services "a" is forbidden: exceeded quota: one, requested: count/services=1, used: count/services=1, limited: count/services=1',
		"OVERLOADED",
	],
	[
		'Error from server (Forbidden): pods "a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
		"DENIED",
	],
	[
		'error: resource mapping not found for name: "digits" namespace: "" from "STDIN": no matches for kind "HTTPRoute" in version "gateway.networking.k8s.io/v1"\nensure CRDs are installed first',
		"UNSUPPORTED",
	],
	[
		'error: Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas',
		"MISMATCH",
	],
	['Error from server (NotFound): namespaces "shop" not found', "NOT_FOUND"],
	[
		'The Service "a" is invalid: spec.ports[0].port: Invalid value: 0: must be between 1 and 65535',
		"INVALID",
	],
	["", "NOT_READY"],
];

test.each(SAID)("%s is %s", (stderr, code) => {
	const error = failureOf(stderr, "apply digits", "prod");
	expect(error.code).toBe(code);
	expect(error.message).toMatch(/^cannot apply digits in prod: ./);
	// logs of client-go and the prefix say nothing to a user
	expect(error.message).not.toMatch(/memcache|Error from server|\n/);
});

test("a server that goes on for long, or moves the cursor, is cut and cleaned", () => {
	const { message } = failureOf(`error: \x1b[2J${"x".repeat(9_000)}`, "do it");
	expect(message.length).toBeLessThan(700);
	expect(message).not.toContain("\x1b");
});

test("warnings are told apart from errors", () => {
	const stderr =
		'Warning: would violate PodSecurity "restricted:latest"\nerror: no\n';
	expect(warningsIn(stderr)).toEqual([
		'would violate PodSecurity "restricted:latest"',
	]);
	expect(failureOf(stderr, "apply").message).toBe("cannot apply: no");
});
