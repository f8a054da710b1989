import { fail } from "../errors.js";

/** What a place takes as a name, and how one is made of any text. */
interface NameRule {
	readonly thing: string;
	readonly wanted: string;
	readonly pattern: RegExp;
	readonly maxLength: number;
	/** Characters that stay when a name is suggested, before its length is cut. */
	readonly keep: RegExp;
	readonly isLowerCase?: boolean;
	/** What stands for the others; "-" if nothing is said. */
	readonly joint?: string;
	/** What no suggestion may begin or end with. */
	readonly edges: RegExp;
	/** Put before a suggestion that would not do otherwise. */
	readonly prefix: string;
}

const LABEL = {
	wanted:
		'lower-case letters, digits and "-", a letter first, a letter or digit last, at most 63 characters',
	pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
	maxLength: 63,
	keep: /[^a-z0-9]+/g,
	isLowerCase: true,
	edges: /^[^a-z0-9]+|[^a-z0-9]+$/g,
	prefix: "model-",
} as const;

/**
 * THE table of names that Docker or Kubernetes would refuse: RFC 1035 labels, which both kinds of objects take; the
 * reference grammar of the OCI distribution; names of models as URLs of a server have them.
 */
const NAMES = {
	object: { thing: "name of a Kubernetes object", ...LABEL },
	namespace: { thing: "namespace", ...LABEL },
	// with room for -headless, the longest thing that is put behind it
	service: {
		thing: "name of a service",
		...LABEL,
		wanted: LABEL.wanted.replace("63", "54"),
		maxLength: 54,
	},
	variable: {
		thing: "name of a variable",
		wanted: 'letters, digits and "_", no digit first, at most 128 characters',
		pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
		maxLength: 128,
		keep: /[^A-Za-z0-9_]+/g,
		joint: "_",
		edges: /^-+|-+$/g,
		prefix: "_",
	},
	host: {
		thing: "host name",
		wanted:
			'lower-case letters, digits, "-" and ".", a letter or digit at both ends of each part, at most 253 characters',
		pattern:
			/^(?:\*\.)?[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/,
		maxLength: 253,
		keep: /[^a-z0-9.]+/g,
		isLowerCase: true,
		edges: /^[^a-z0-9]+|[^a-z0-9]+$/g,
		prefix: "host-",
	},
	label: {
		thing: "value of a Kubernetes label",
		wanted:
			'letters, digits, "-", "_" and ".", a letter or digit first and last, at most 63 characters',
		pattern: /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
		maxLength: 63,
		keep: /[^-A-Za-z0-9_.]+/g,
		edges: /^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g,
		prefix: "v",
	},
	model: {
		thing: "name of a model",
		wanted:
			'letters, digits, "-", "_" and ".", a letter or digit first, at most 128 characters',
		pattern: /^[A-Za-z0-9_](?!.*\.\.)[-A-Za-z0-9_.]*$/,
		maxLength: 128,
		keep: /[^-A-Za-z0-9_.]+|\.{2,}/g,
		edges: /^[^A-Za-z0-9_]+|[^A-Za-z0-9_]+$/g,
		prefix: "model-",
	},
	repository: {
		thing: "name of an image",
		wanted:
			'parts of lower-case letters and digits, joined by ".", "_", "-" and "/", at most 255 characters',
		pattern:
			/^(?:(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/,
		maxLength: 255,
		keep: /[^a-z0-9/.:]+|[._:-]{2,}/g,
		isLowerCase: true,
		edges: /^[^a-z0-9]+|[^a-z0-9]+$/g,
		prefix: "model-",
	},
	tag: {
		thing: "tag of an image",
		wanted:
			'letters, digits, "-", "_" and ".", none of "-" and "." first, at most 128 characters',
		pattern: /^\w[\w.-]*$/,
		maxLength: 128,
		keep: /[^\w.-]+/g,
		edges: /^[^\w]+|[^\w]+$/g,
		prefix: "v",
	},
} as const satisfies Record<string, NameRule>;

export type NameKind = keyof typeof NAMES;

/** The name as it is; fails with INVALID and a name that would do where Docker or Kubernetes would refuse it. */
export function checkName(kind: NameKind, name: string): string {
	if (isName(kind, name)) return name;
	const { thing, wanted } = NAMES[kind];
	throw fail("INVALID", `cannot use ${shown(name)} as ${thing}: ${wanted}`, {
		hint: `use "${suggestedName(kind, name)}"`,
	});
}

export function isName(kind: NameKind, name: string): boolean {
	const { pattern, maxLength } = NAMES[kind];
	return name.length <= maxLength && pattern.test(name);
}

/** A valid name like the given text. */
export function suggestedName(kind: NameKind, text: string): string {
	const rule: NameRule = NAMES[kind];
	const spelt = rule.isLowerCase ? text.toLowerCase() : text;
	const made = [spelt, `${rule.prefix}${spelt}`, `${rule.prefix}1`].map(
		(candidate) =>
			candidate
				.replace(rule.keep, rule.joint ?? "-")
				.slice(0, rule.maxLength)
				.replace(rule.edges, ""),
	);
	return made.find((candidate) => isName(kind, candidate)) ?? made[2];
}

/** With characters that would move a terminal's cursor written out, and not for ever. */
function shown(name: string): string {
	return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
}
