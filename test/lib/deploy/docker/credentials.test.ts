import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { credentialsFor } from "../../../../src/lib/deploy/docker/credentials.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-credentials-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = {
	DOCKER_CONFIG: folder,
	PATH: `${folder}${delimiter}${process.env.PATH}`,
};

function configure(config: unknown): void {
	writeFileSync(
		join(folder, "config.json"),
		typeof config === "string" ? config : JSON.stringify(config),
	);
}

/** Answers as docker/docker-credential-helpers specifies: the registry on stdin, JSON on stdout. */
function helper(name: string, script: string): void {
	const path = join(folder, `docker-credential-${name}`);
	writeFileSync(path, `#!/bin/sh\n${script}\n`);
	chmodSync(path, 0o755);
}

const AUTH = Buffer.from("me:a:b").toString("base64");

test.each([
	["registry.example.com", { "registry.example.com": { auth: AUTH } }],
	[
		"registry.example.com",
		{ "https://registry.example.com/v1/": { auth: AUTH } },
	],
	["127.0.0.1:5000", { "127.0.0.1:5000": { auth: AUTH } }],
	["docker.io", { "https://index.docker.io/v1/": { auth: AUTH } }],
])(
	"%s: what docker login wrote into config.json is used",
	async (registry, auths) => {
		configure({ auths });
		// a password may have colons, a name has none
		expect(await credentialsFor(registry, env)).toMatchObject({
			username: "me",
			password: "a:b",
		});
	},
);

test("nobody logged in to a registry: none are sent", async () => {
	configure({ auths: { "other.example.com": { auth: AUTH } } });
	expect(await credentialsFor("registry.example.com", env)).toBeUndefined();
	rmSync(join(folder, "config.json"));
	expect(await credentialsFor("registry.example.com", env)).toBeUndefined();
});

test("the helper of a registry goes before the store of all, which goes before the file", async () => {
	helper(
		"one",
		`read name; echo "{\\"Username\\":\\"one\\",\\"Secret\\":\\"for $name\\"}"`,
	);
	helper("all", `echo '{"Username":"<token>","Secret":"t"}'`);
	helper("none", 'echo "credentials not found in native keychain"; exit 1');
	const auths = { "c.example.com": { auth: AUTH } };
	const credHelpers = { "a.example.com": "one", "c.example.com": "none" };
	configure({ auths, credsStore: "all", credHelpers });
	expect(await credentialsFor("a.example.com", env)).toEqual({
		username: "one",
		password: "for a.example.com",
		serveraddress: "a.example.com",
	});
	expect(await credentialsFor("b.example.com", env)).toEqual({
		identitytoken: "t",
		serveraddress: "b.example.com",
	});
	expect(await credentialsFor("c.example.com", env)).toMatchObject({
		username: "me",
	});
});

test.each([
	["{", "CORRUPT"],
	[{ credsStore: "not-installed-anywhere" }, "NOT_READY"],
	[{ credsStore: "../../bin/sh" }, "INVALID"],
])("a config.json with %j is told", async (config, code) => {
	configure(config);
	await expect(credentialsFor("a.example.com", env)).rejects.toMatchObject({
		code,
	});
});
