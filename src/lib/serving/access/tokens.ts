import { createHash, timingSafeEqual } from "node:crypto";
import { fail, type MlshipError } from "../../errors.js";
import { quoted } from "../../nearest.js";

/** What a token lets its bearer do: ask models, change what is served, read metrics. */
export const SCOPES = ["predict", "admin", "metrics"] as const;

export type Scope = (typeof SCOPES)[number];

/** Why a request may not come in. */
export interface Refusal {
	readonly error: MlshipError;
	/** The value of `WWW-Authenticate` (RFC 6750, 3). */
	readonly challenge: string;
}

/** The tokens of a file. */
export interface Tokens {
	/** Looks at the value of a request's `authorization`; undefined where its token has the scope. */
	refusal(authorization: string | undefined, scope: Scope): Refusal | undefined;
}

interface Token {
	readonly name: string;
	readonly scopes: ReadonlySet<Scope>;
	/** SHA-256 of the token, which itself is not kept. */
	readonly digest: Buffer;
}

/**
 * Reads `NAME SCOPES TOKEN` line by line, in which SCOPES is a list as `predict,metrics` and TOKEN a token or `sha256:` and
 * the hexadecimal digest of one; `#` begins a comment. Fails with INVALID, the line being named, but no token ever.
 */
export function parseTokens(text: string, path: string): Tokens {
	const tokens: Token[] = [];
	for (const [i, line] of text
		.replace(/^\uFEFF/, "")
		.split("\n")
		.entries()) {
		const fields = line.trim().split(/\s+/);
		if (fields[0] === "" || fields[0].startsWith("#")) continue;
		const broken = (reason: string) =>
			fail("INVALID", `cannot use ${path}: line ${i + 1}: ${reason}`, {
				at: { file: path, line: i + 1 },
			});
		tokens.push(readToken(fields, tokens, broken));
	}
	if (tokens.length === 0)
		throw fail(
			"INVALID",
			`cannot use ${path}: it has no token, a line "NAME SCOPES TOKEN" is wanted`,
			{ at: { file: path } },
		);
	return { refusal: (given, scope) => refusalOf(tokens, given, scope) };
}

type Broken = (reason: string) => MlshipError;

function readToken(
	fields: readonly string[],
	before: readonly Token[],
	broken: Broken,
): Token {
	const [name, scopes, token] = fields;
	if (fields.length !== 3)
		throw broken(
			`it has ${fields.length} words, "NAME SCOPES TOKEN" are wanted`,
		);
	if (!NAME.test(name))
		throw broken(
			`the name is not made of up to 64 letters, digits, dots, dashes and underscores`,
		);
	const digest = readDigest(token, broken);
	for (const other of before) {
		if (other.name === name)
			throw broken(`there is a token "${name}" in a line before`);
		if (other.digest.equals(digest))
			throw broken(`it has the token of "${other.name}"`);
	}
	return { name, scopes: readScopes(scopes, broken), digest };
}

const NAME = /^[\w.-]{1,64}$/;

function readScopes(text: string, broken: Broken): ReadonlySet<Scope> {
	const words = text.split(",");
	const scopes = SCOPES.filter((scope) => words.includes(scope));
	if (scopes.length === words.length) return new Set(scopes);
	const wrong = words.find(
		(word, i) =>
			!SCOPES.some((scope) => scope === word) || words.indexOf(word) !== i,
	);
	throw broken(
		`"${wrong?.slice(0, 64)}" among the scopes is none or stands there twice; they are ${quoted(SCOPES)}`,
	);
}

function readDigest(token: string, broken: Broken): Buffer {
	const [, hex] = /^sha256:(.*)$/i.exec(token) ?? [];
	if (hex !== undefined) {
		if (!/^[\da-f]{64}$/i.test(hex))
			throw broken(
				`the digest has ${hex.length} characters, 64 hexadecimal digits are wanted`,
			);
		return Buffer.from(hex, "hex");
	}
	if (!TOKEN.test(token))
		throw broken(
			"the token has characters that no header may have: letters, digits and -._~+/ are wanted, = at its end",
		);
	if (token.length < LEAST_LENGTH)
		throw broken(
			`the token has ${token.length} characters, at least ${LEAST_LENGTH} are wanted, as "openssl rand -hex 32" makes them`,
		);
	return digestOf(token);
}

/** RFC 6750, 2.1 */
const TOKEN = /^[\w.~+/-]+=*$/;

/** Shorter ones can be guessed. */
const LEAST_LENGTH = 16;

function digestOf(token: string): Buffer {
	return createHash("sha256").update(token).digest();
}

function refusalOf(
	tokens: readonly Token[],
	authorization: string | undefined,
	scope: Scope,
): Refusal | undefined {
	if (authorization === undefined) return NO_TOKEN;
	const [, given] = BEARER.exec(authorization) ?? [];
	if (given === undefined) return OTHER_SCHEME;
	const token = find(tokens, digestOf(given));
	if (token === undefined) return UNKNOWN_TOKEN;
	if (token.scopes.has(scope)) return undefined;
	const scopes = [...token.scopes].join(", ");
	return {
		error: fail(
			"DENIED",
			`cannot answer: the token "${token.name}" has the scope ${scopes}, ${scope} is wanted`,
		),
		challenge: `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`,
	};
}

const BEARER = /^Bearer +(\S+)$/i;

/** How long it takes does not tell which token comes close: all are compared, whole. */
function find(tokens: readonly Token[], digest: Buffer): Token | undefined {
	let found: Token | undefined;
	for (const token of tokens)
		if (timingSafeEqual(token.digest, digest)) found = token;
	return found;
}

const CHALLENGE = 'Bearer realm="mlship"';

const NO_TOKEN = unauthenticated(
	'a token is missing, "authorization: Bearer TOKEN" is wanted',
);

const OTHER_SCHEME = unauthenticated(
	'what authorization says is no token, "Bearer TOKEN" is wanted',
);

const UNKNOWN_TOKEN = unauthenticated(
	"the token is not known",
	', error="invalid_token"',
);

function unauthenticated(reason: string, rest = ""): Refusal {
	return {
		error: fail("UNAUTHENTICATED", `cannot answer: ${reason}`),
		challenge: CHALLENGE + rest,
	};
}
