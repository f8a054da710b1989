/** What a server asks for before it answers. */
export interface ClientNeeds {
	/** The file whose certificate a client has to trust. */
	readonly certificate?: string | undefined;
	/** Whether it has to show one of its own. */
	readonly ownCertificate?: boolean;
	/** Whether it has to bring a token. */
	readonly token?: boolean;
}

/**
 * A line for a POSIX shell that posts a JSON body, or gets what is at the address. A long body is made on the spot, as
 * nobody wants to see it. What only its reader has is a variable, or a file of that name.
 */
export function curlLine(
	url: string,
	body?: string,
	needs: ClientNeeds = {},
): string {
	const curl = ["curl", ...optionsFor(needs)].join(" ");
	const address = quotedForShell(url);
	if (body === undefined) return `${curl} ${address}`;
	if (body.length <= MAX_SHOWN)
		return `${curl} -d ${quotedForShell(body)} ${address}`;
	const expression = `JSON.stringify(${expressionOf(JSON.parse(body))})`;
	const printed = `node -p ${quotedForShell(expression)}`;
	return body.length <= MAX_ARGUMENT
		? `${curl} -d "$(${printed})" ${address}`
		: `${printed} | ${curl} -d @- ${address}`;
}

function optionsFor({
	certificate,
	ownCertificate,
	token,
}: ClientNeeds): string[] {
	return [
		...(certificate ? [`--cacert ${quotedForShell(certificate)}`] : []),
		...(ownCertificate ? ["--cert client.pem --key client-key.pem"] : []),
		...(token ? ['-H "Authorization: Bearer $TOKEN"'] : []),
	];
}

const MAX_SHOWN = 320;

/** Linux takes arguments of up to 128 KiB (execve(2), MAX_ARG_STRLEN), and a character may have four bytes. */
const MAX_ARGUMENT = 30_000;

/** A JavaScript expression of a JSON value, short where lists repeat themselves. */
function expressionOf(value: unknown): string {
	if (Array.isArray(value)) return listExpression(value.map(expressionOf));
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const fields = Object.entries(value).map(
		([name, field]) => `${JSON.stringify(name)}:${expressionOf(field)}`,
	);
	return `{${fields.join(",")}}`;
}

function listExpression(items: readonly string[]): string {
	const [first] = items;
	const spelt = `[${items.join(",")}]`;
	const filled = `Array(${items.length}).fill(${first})`;
	return filled.length < spelt.length && items.every((item) => item === first)
		? filled
		: spelt;
}

function quotedForShell(text: string): string {
	return /^[\w.:/@%+=,-]+$/.test(text)
		? text
		: `'${text.replaceAll("'", "'\\''")}'`;
}
