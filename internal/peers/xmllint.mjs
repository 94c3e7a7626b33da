// Validates an XML document on standard input against an XML schema, by libxml2.
//
//   node xmllint.mjs --packages DIR SCHEMA <DOCUMENT
//
// Says what is wrong on standard output, and ends with status 1 if anything is. Packages are loaded from DIR/node_modules.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [flag, packages, schema] = process.argv.slice(2);
if (flag !== '--packages' || !schema) {
  console.error('usage: xmllint.mjs --packages DIR SCHEMA <DOCUMENT');
  process.exit(2);
}
const { validateXML } = createRequire(join(packages, 'package.json'))('xmllint-wasm');
const { valid, errors } = await validateXML({
  xml: [{ fileName: 'document.xml', contents: readFileSync(0, 'utf8') }],
  schema: [readFileSync(schema, 'utf8')],
});
for (const error of errors) console.log(error.rawMessage);
process.exitCode = valid ? 0 : 1;
