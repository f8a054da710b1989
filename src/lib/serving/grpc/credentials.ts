import { ServerCredentials } from "@grpc/grpc-js";
import type { SslConfig } from "../config/ssl.js";

/** TLS as the file of `--ssl_config_file` wants it (server.cc, BuildServerCredentialsFromSSLConfigFile). */
export function credentialsOf({
	key,
	certificate,
	authorities,
	verifyClient,
}: SslConfig): ServerCredentials {
	return ServerCredentials.createSsl(
		authorities === undefined ? null : Buffer.from(authorities),
		[{ private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) }],
		verifyClient,
	);
}
