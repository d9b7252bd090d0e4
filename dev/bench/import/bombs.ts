import { writeFile } from 'node:fs/promises';
import { rowXml, sheetParts, type ZipPart, zipOf } from '../../../test/unit/imports/fixtures.ts';

const text = (value: string): string => `<t>${value}</t>`;
const good = `<sheetData>${rowXml(1, ['nombre', 'telefono'].map(text))}${rowXml(2, ['Ana', '+56961234567'].map(text))}</sheetData>`;
const megabyte = 1024 * 1024;

/** Files made to harm whoever reads them. */
const bombs: Readonly<Record<string, () => Buffer>> = {
  'one cell of 150 MB': () =>
    zipOf(sheetParts(`<sheetData>${rowXml(1, [text('x'.repeat(150 * megabyte))])}</sheetData>`)),
  'headers that lie': () => zipOf(lying(sheetParts(`<sheetData>${' '.repeat(100 * megabyte)}</sheetData>`))),
  'shared strings of 200 MB': () =>
    zipOf([
      ...sheetParts(good),
      { name: 'xl/sharedStrings.xml', content: `<sst><si>${text('y'.repeat(200 * megabyte))}</si></sst>` },
    ]),
  'many parts': () =>
    zipOf(Array.from({ length: 5_000 }, (_, index) => ({ name: `xl/p${index}.xml`, content: '<x/>' }))),
  'parts that are large together': () =>
    zipOf([
      ...sheetParts(good),
      ...Array.from({ length: 4 }, (_, index) => ({
        name: `xl/media/${index}.xml`,
        content: Buffer.alloc(90 * megabyte),
      })),
    ]),
  'a million empty rows': () =>
    zipOf(
      sheetParts(
        `<sheetData>${Array.from({ length: 1_000_000 }, (_, index) => `<row r="${index + 1}"/>`).join('')}</sheetData>`,
      ),
    ),
  'a line of 40 MB': () => Buffer.from(`nombre;telefono\n"${'z'.repeat(40 * megabyte)}"\n`),
  entities: () =>
    zipOf(
      sheetParts(
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData>',
      ),
    ),
};

function lying(parts: readonly ZipPart[]): readonly ZipPart[] {
  return parts.map((part, index) => (index === parts.length - 1 ? { ...part, declaredSize: 1_000 } : part));
}

export async function writeBombs(
  path: (name: string) => string,
): Promise<readonly { readonly name: string; readonly file: string }[]> {
  const files: { readonly name: string; readonly file: string }[] = [];
  for (const [name, content] of Object.entries(bombs)) {
    const file = path(`${name.replaceAll(' ', '-')}.xlsx`);
    await writeFile(file, content());
    files.push({ name, file });
  }
  return files;
}
