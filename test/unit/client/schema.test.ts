import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { withReferences } from '../../../api/docs/references.ts';
import { servedDocument } from '../../../dev/openapi/document.ts';
import { headerOf, schemaFile } from '../../../dev/openapi/generate.ts';

it('the types of the client are those of the document that the API serves, as they were made', async () => {
  const text = await readFile(schemaFile, 'utf8');
  const end = text.indexOf('\n') + 1;
  const wanted = headerOf(await servedDocument(), text.slice(end));
  expect(
    text.slice(0, end),
    'the API or the file changed: `npm run client` makes client/schema.d.ts anew; commit it',
  ).toBe(wanted);
});

it('the document is the same text each time it is asked for', async () => {
  expect(await servedDocument()).toBe(await servedDocument());
});

/** Whether a value fits a schema of the document beside `Money`. */
function fits(schema: unknown, value: unknown): boolean {
  const Money = { type: 'object', properties: { amount: { type: 'string' } }, required: ['amount'] };
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'https://tandas.invalid/doc', components: { schemas: { Money } } });
  const text = JSON.stringify(withReferences(schema)).replaceAll('#/', 'https://tandas.invalid/doc#/');
  return ajv.validate(JSON.parse(text), value);
}

it('a named schema that may be null takes null, and its own values, and nothing else', () => {
  const named = { $ref: '#/components/schemas/Money' };
  const nullable = { allOf: [named, { type: ['object', 'null'], description: 'x' }] };
  expect([null, { amount: '1' }, {}, 3].map((value) => fits(nullable, value))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(withReferences({ allOf: [named, { description: 'x' }] })).toEqual({ ...named, description: 'x' });
  const longer = { allOf: [named, { type: 'object', properties: { unit: { type: 'string' } } }] };
  expect(withReferences(longer)).toEqual(longer);
});

it('no schema of the document asks for a null that it refuses', async () => {
  expect(await servedDocument()).not.toMatch(/"allOf":\[\{"\$ref":"[^"]*"\},\{"type":\["object","null"\]/);
});
