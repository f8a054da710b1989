import {
	generateKeyPairSync,
	type KeyObject,
	randomBytes,
	sign,
} from "node:crypto";

/** A certificate and its key, in PEM. */
export interface Certificate {
	readonly name: string;
	readonly cert: string;
	readonly key: string;
}

/** Signs its own certificate, and those of others. */
export function makeAuthority(name: string): Certificate {
	return make(name);
}

/** For `localhost` and 127.0.0.1, valid for days around now, signed by an authority. */
export function makeCertificate(
	name: string,
	authority: Certificate,
): Certificate {
	return make(name, authority);
}

function make(name: string, authority?: Certificate): Certificate {
	const { privateKey, publicKey } = generateKeyPairSync("ec", {
		namedCurve: "P-256",
	});
	const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
	const body = certificateBody(name, publicKey, authority?.name);
	const signature = sign("sha256", body, authority?.key ?? key);
	const whole = sequence(
		body,
		ECDSA_SHA256,
		der(0x03, Buffer.from([0]), signature),
	);
	const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
	const cert = `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
	return { name, key, cert };
}

/** TBSCertificate of RFC 5280, 4.1; without an issuer that of an authority itself. */
function certificateBody(
	name: string,
	publicKey: KeyObject,
	issuer: string | undefined,
): Buffer {
	const serial = randomBytes(8);
	serial[0] = 1;
	const extension =
		issuer === undefined
			? extensionOf("551d13", sequence(der(0x01, Buffer.from([0xff])))) // basicConstraints: CA
			: extensionOf(
					"551d11", // subjectAltName
					sequence(
						der(0x82, Buffer.from("localhost")),
						der(0x87, Buffer.from([127, 0, 0, 1])),
					),
				);
	return sequence(
		der(0xa0, der(0x02, Buffer.from([2]))), // version 3
		der(0x02, serial),
		ECDSA_SHA256,
		nameOf(issuer ?? name),
		sequence(utcTime(-DAY), utcTime(30 * DAY)),
		nameOf(name),
		publicKey.export({ type: "spki", format: "der" }),
		der(0xa3, sequence(extension)),
	);
}

const DAY = 86_400_000;

/** One attribute: commonName. */
function nameOf(name: string): Buffer {
	const value = der(0x0c, Buffer.from(name));
	return sequence(der(0x31, sequence(oid("550403"), value)));
}

function extensionOf(id: string, value: Buffer): Buffer {
	return sequence(oid(id), der(0x04, value));
}

/** `YYMMDDHHMMSSZ` */
function utcTime(fromNow: number): Buffer {
	const digits = new Date(Date.now() + fromNow)
		.toISOString()
		.replaceAll(/[-T:]|\.\d+/g, "");
	return der(0x17, Buffer.from(digits.slice(2)));
}

/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2 */
const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));

function oid(hex: string): Buffer {
	return der(0x06, Buffer.from(hex, "hex"));
}

function sequence(...parts: readonly Buffer[]): Buffer {
	return der(0x30, ...parts);
}

/** A tag, a length and what it holds (X.690). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const { length } = content;
	const size =
		length < 0x80
			? [length]
			: length < 0x100
				? [0x81, length]
				: [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
