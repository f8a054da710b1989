import { expect, test } from "vitest";
import { isInImage } from "../../../src/commands/serve/image.js";
import { withImageVariables } from "../../../src/commands/serve/image-variables.js";

test.each([
	["a shell's child on a machine", {}, 4711, 4242, "systemd", false],
	["a service of a machine", {}, 4711, 1, "systemd", false],
	["a shell's child in a container", {}, 17, 9, "bash", false],
	["the child of a shell that a container runs", {}, 17, 1, "bash", false],
	["what a container runs", {}, 1, 0, undefined, true],
	["what npx starts in a container", {}, 18, 1, "npm exec mlship", true],
	["what a small init starts", {}, 7, 1, "docker-init", true],
	["what an image of ours says", { MLSHIP_IN_IMAGE: "1" }, 9, 8, "sh", true],
	["what says otherwise", { MLSHIP_IN_IMAGE: "0" }, 1, 0, "node", false],
])("%s is told from others", (_, env, pid, ppid, first, expected) => {
	const around = { env, pid, ppid, firstProcess: () => first };
	expect(isInImage(around)).toBe(expected);
});

// the entry point of tensorflow/serving's image
test.each([
	[{}, {}, [], {}],
	[
		{ MODEL_NAME: "digits" },
		{},
		[],
		{ model_name: "digits", model_base_path: "/models/digits" },
	],
	[
		{ MODEL_NAME: "digits", MODEL_BASE_PATH: "/srv" },
		{},
		[],
		{ model_name: "digits", model_base_path: "/srv/digits" },
	],
	[
		{ MODEL_BASE_PATH: "/srv" },
		{},
		[],
		{ model_name: "model", model_base_path: "/srv/model" },
	],
	[
		{ MODEL_NAME: "digits" },
		{ model_base_path: "/a/b" },
		[],
		{ model_name: "digits", model_base_path: "/a/b" },
	],
	[
		{ MODEL_NAME: "digits" },
		{ model_config_file: "/m.config" },
		[],
		{ model_config_file: "/m.config" },
	],
	[{ MODEL_NAME: "digits" }, {}, ["./models/other"], {}],
	[{ MODEL_NAME: "" }, {}, [], {}],
])(
	"with %j, flags %j and paths %j stand for %j",
	(env, flags, paths, expected) => {
		expect(withImageVariables(flags, paths, env)).toEqual(expected);
	},
);
