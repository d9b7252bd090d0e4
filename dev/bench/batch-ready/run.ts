import { createImportWorld } from '../import/files.ts';
import { inProcess } from '../import/jobs.ts';
import { writeCsv } from '../lib/debtors.ts';
import { ratioFigure } from '../lib/figures.ts';
import { alternate } from '../lib/pairs.ts';
import type { Benchmark } from '../lib/types.ts';

/** From the uploaded file to contacts that the batch may open: checked, stored, and one person with all their debts each. */
export const benchmark: Benchmark = {
  name: 'batch-ready',
  about: 'upload to every row stored, checked and a contact of its batch; against COPY of the same rows',
  needs: ['postgres'],
  async run({ quick, seed, log }) {
    const imports = await createImportWorld();
    const rows = quick ? 10_000 : 100_000;
    const { url, poolId } = imports.world;
    try {
      const path = imports.path('deudores.csv');
      await writeCsv(path, rows, seed);
      const lines = await imports.copyLines(path, rows);
      log(`${rows} rows, ms`);
      const pairs = await alternate({
        repeats: quick ? 1 : 5,
        log,
        async ours() {
          await imports.emptyTables();
          const accountId = await imports.freshAccount();
          const result = await inProcess({ kind: 'ready', path, rows, url, accountId, poolId });
          if (result.rows !== rows) throw new Error(`${result.rows} contacts of ${rows} rows`);
          return result.ms;
        },
        async floor() {
          await imports.emptyTables();
          return (await inProcess({ kind: 'bareCopy', path: lines, url })).ms;
        },
      });
      const figure = `${rows} rows: upload to contacts of a batch`;
      return [
        ratioFigure(
          { name: 'batch-ready', figure, unit: 'ms', goal: '≤ 2.5 ×' },
          pairs,
          (ratio) => ratio <= 2.5,
        ),
      ];
    } finally {
      await imports.close();
    }
  },
};
