// Run while an image is built: a base that cannot run the server fails there, and not where it serves.
import {
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	utimesSync,
	writeFileSync,
} from "node:fs";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
	console.error(
		`the base has Node.js ${process.versions.node}; mlship needs 20.19 or later`,
	);
	process.exit(1);
}
for (const name of ["onnxruntime-node", "onnxruntime-web", "sharp"]) {
	try {
		statSync(`/app/node_modules/${name}`);
	} catch {
		continue;
	}
	try {
		await import(`/app/node_modules/${name}/${entryOf(name)}`);
	} catch (error) {
		console.error(
			`the base cannot load ${name}: ${error.message}; glibc and libstdc++ are wanted`,
		);
		process.exit(1);
	}
}

function entryOf(name) {
	const { main, exports } = manifest(`/app/node_modules/${name}`);
	return exports?.["."]?.node?.import ?? main;
}

function manifest(folder) {
	return JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
}

// what is in the image, with versions
const packages = { mlship: manifest("/app/mlship").version };
const list = (folder) => {
	for (const name of readdirSync(folder).sort()) {
		if (name.startsWith("@")) {
			list(`${folder}/${name}`);
			continue;
		}
		const { name: own, version } = manifest(`${folder}/${name}`);
		packages[own] = version;
	}
};
list("/app/node_modules");
mkdirSync("/checked/app", { recursive: true });
writeFileSync(
	"/checked/app/packages.json",
	`${JSON.stringify({ node: process.versions.node, packages }, undefined, "\t")}\n`,
);
for (const path of ["/checked/app/packages.json", "/checked/app", "/checked"])
	utimesSync(path, 499162500, 499162500);
