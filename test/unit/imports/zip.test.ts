import { afterAll, beforeAll, expect, test } from 'vitest';
import { openZip, partBytes } from '../../../domain/imports/zip.ts';
import { createTestFolder, refusalOf, type TestFolder, zipOf } from './fixtures.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

const content = Buffer.alloc(300_000, 'Tandas ');

async function unpack(declaredSize: number): Promise<number> {
  const path = await folder.file('part.zip', zipOf([{ name: 'a.xml', content, declaredSize }]));
  const zip = await openZip(path);
  let bytes = 0;
  try {
    for await (const entry of zip.eachEntry())
      for await (const piece of partBytes(zip, entry)) {
        bytes += piece.length;
        // Not a byte more than declared, whatever comes after it.
        expect(bytes).toBeLessThanOrEqual(declaredSize);
      }
  } finally {
    zip.close();
  }
  return bytes;
}

test('a part is unpacked as large as it says, and is damaged when it is larger or smaller', async () => {
  expect(await unpack(content.length)).toBe(content.length);
  expect(await refusalOf(unpack(content.length - 1))).toBe('damaged');
  expect(await refusalOf(unpack(70_000))).toBe('damaged');
  expect(await refusalOf(unpack(content.length + 1))).toBe('damaged');
});
