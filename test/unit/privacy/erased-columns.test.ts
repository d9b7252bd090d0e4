import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { erasable, erasedColumns } from '../../../domain/privacy/rules/erased-columns.ts';

it('names a column once, and says where the rows of what goes are found', () => {
  for (const verdict of erasedColumns) {
    const { table, rows, searched, gone = {}, parts = [], uniqueParts = [], none = [], kept = {} } = verdict;
    const all = [...Object.keys(gone), ...parts, ...uniqueParts, ...none, ...Object.keys(kept)];
    expect(all.toSorted(), table).toEqual([...new Set(all)].toSorted());
    const isFound = rows !== undefined || searched === true || table === 'core.do_not_contact';
    expect(Object.keys(gone).length === 0 || isFound, table).toBe(true);
    for (const why of Object.values(kept)) expect(why.length, table).toBeGreaterThan(10);
  }
});

it('is what the migrations let the role change', async () => {
  const folder = new URL('../../../db/migrations/', import.meta.url);
  const files = (await readdir(folder)).filter((name) => name >= '20261201T0741');
  const all = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')));
  const text = all.filter((one) => one.includes('tandas_privacy')).join('\n');
  for (const verdict of erasedColumns)
    if (erasable(verdict).length > 0) expect(text).toContain(`'${verdict.table}'`);
});
