import { Document, parse, visit } from "yaml";
import type { KubeObject } from "./object.js";

/** The first line of every file of ours: files without it are somebody's. */
export const MARK = "# made by mlship deploy k8s; made anew by the next one";

/**
 * One document. Texts that some reader could take for something else are quoted: `yes` and `1e3` are none in YAML 1.1,
 * which Kubernetes reads, and `0o7` is one there alone. Nothing that a text holds can end it.
 */
export function yamlOf(value: unknown): string {
	const document = new Document(value, {
		version: "1.1",
		aliasDuplicateObjects: false,
	});
	visit(document, {
		Scalar(key, node) {
			if (key !== "key" && typeof node.value === "string")
				if (DOUBTFUL.test(node.value)) node.type = "QUOTE_DOUBLE";
		},
	});
	return document.toString({
		lineWidth: 0,
		indentSeq: false,
		directives: false,
	});
}

/** What begins as a number does, or a word that some version of YAML reads otherwise; but not text of several lines. */
const DOUBTFUL = /^[-+.\d=<][^\n]*$/;

/** All objects as one stream. */
export function streamOf(objects: readonly KubeObject[]): string {
	return objects.map(yamlOf).join("---\n");
}

/** A document that somebody may have written by hand. */
export function parseYaml(text: string): unknown {
	return parse(text, { maxAliasCount: 0 });
}
