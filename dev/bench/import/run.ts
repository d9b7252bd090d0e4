import { writeCsv, writeXlsx } from '../lib/debtors.ts';
import { plainFigure, ratioFigure } from '../lib/figures.ts';
import { alternate, type Pairs } from '../lib/pairs.ts';
import type { Benchmark, Figure } from '../lib/types.ts';
import { writeBombs } from './bombs.ts';
import { createImportWorld, type ImportWorld } from './files.ts';
import { inProcess, type JobResult } from './jobs.ts';

const name = 'import';
const mostMb = 250;
/** "About a second", on a machine that others use too. */
const refusedWithinMs = 2_000;

/** From the uploaded file to committed rows, each in a process of its own. */
export const benchmark: Benchmark = {
  name,
  about:
    'upload to stored rows: Excel and CSV, peak memory, bombs; against the parser alone and COPY with de-duplication',
  needs: ['postgres'],
  async run({ quick, seed, log }) {
    const imports = await createImportWorld();
    try {
      const [excelRows, csvRows] = quick ? [10_000, 50_000] : [100_000, 1_000_000];
      const excel = imports.path('deudores.xlsx');
      await writeXlsx(excel, excelRows, seed);
      const csv = imports.path('deudores.csv');
      await writeCsv(csv, csvRows, seed);
      const repeats = quick ? 1 : 5;
      return [
        ...(await measure(imports, { file: excel, rows: excelRows, kind: 'Excel', repeats, log })),
        ...(await measure(imports, { file: csv, rows: csvRows, kind: 'CSV', repeats: 1, log })),
        ...(await refuseBombs(imports, log)),
      ];
    } finally {
      await imports.close();
    }
  },
};

interface Upload {
  readonly file: string;
  readonly rows: number;
  readonly kind: string;
  readonly repeats: number;
  readonly log: (line: string) => void;
}

async function measure(
  imports: ImportWorld,
  { file, rows, kind, repeats, log }: Upload,
): Promise<readonly Figure[]> {
  const { url } = imports.world;
  const lines = await imports.copyLines(file, rows);
  const stored: JobResult[] = [];
  const ours = async (): Promise<number> => {
    await imports.emptyTables();
    const result = await inProcess({
      kind: 'store',
      path: file,
      rows,
      url,
      accountId: await imports.freshAccount(),
    });
    if (result.rows !== rows) throw new Error(`${result.rows} of ${rows} rows were stored`);
    stored.push(result);
    return result.ms;
  };
  const copy = async (): Promise<number> => {
    await imports.emptyTables();
    return (await inProcess({ kind: 'copy', path: lines, url })).ms;
  };
  const parse = async (): Promise<number> => {
    const read = await inProcess({ kind: 'parse', path: file, rows });
    if (read.rows <= rows) throw new Error(`${read.rows} lines of ${rows} rows and their header were read`);
    return read.ms;
  };
  log(`${kind}, ${rows} rows, ms, against the parser alone`);
  const warmups = repeats > 1 ? 1 : 0;
  const byParser = await alternate({ repeats, warmups, log, ours, floor: parse });
  log(`${kind}, ${rows} rows, ms, against COPY with de-duplication`);
  const byCopy = await alternate({ repeats, warmups, log, ours, floor: copy });
  const peakMb = Math.max(...stored.map((result) => result.peakMb));
  return figures(`${rows} rows of ${kind}`, { byParser, byCopy }, peakMb);
}

function figures(
  what: string,
  { byParser, byCopy }: { readonly byParser: Pairs; readonly byCopy: Pairs },
  peakMb: number,
): readonly Figure[] {
  const [slower, faster] =
    byParser.floor.median >= byCopy.floor.median ? [byParser, byCopy] : [byCopy, byParser];
  const [slowerName, fasterName] = slower === byParser ? ['the parser', 'COPY'] : ['COPY', 'the parser'];
  const of = (figure: string, goal: string) => ({ name, figure: `${what}: ${figure}`, unit: 'ms', goal });
  return [
    ratioFigure(
      of(`stored, against ${slowerName} alone (the slower)`, '≤ 1.25 ×'),
      slower,
      (ratio) => ratio <= 1.25,
    ),
    ratioFigure(of(`stored, against ${fasterName} alone`, ''), faster, null),
    plainFigure(
      { name, figure: `${what}: peak memory of the process`, value: peakMb, unit: 'MB', goal: '≤ 250 MB' },
      peakMb <= mostMb,
    ),
  ];
}

async function refuseBombs(imports: ImportWorld, log: (line: string) => void): Promise<readonly Figure[]> {
  const results: JobResult[] = [];
  for (const { name: bomb, file } of await writeBombs(imports.path)) {
    const result = await inProcess({ kind: 'guard', path: file });
    results.push(result);
    log(
      `  ${bomb}: ${result.refusal} after ${result.ms.toFixed(0)} ms, ${result.peakMb.toFixed(0)} MB at most`,
    );
  }
  const taken = results.filter(({ refusal }) => refusal === 'taken').length;
  const slowestMs = Math.max(...results.map(({ ms }) => ms));
  const peakMb = Math.max(...results.map((result) => result.peakMb));
  return [
    plainFigure(
      { name, figure: `bombs taken, of ${results.length}`, value: taken, unit: '', goal: '0' },
      taken === 0,
    ),
    plainFigure(
      { name, figure: 'slowest refusal of a bomb', value: slowestMs, unit: 'ms', goal: 'about 1 s' },
      slowestMs <= refusedWithinMs,
    ),
    plainFigure(
      { name, figure: 'peak memory at a bomb', value: peakMb, unit: 'MB', goal: '≤ 250 MB' },
      peakMb <= mostMb,
    ),
  ];
}
