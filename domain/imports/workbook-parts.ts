/** What a workbook says about its sheets: their names, parts, formats of cells, texts. */
import { posix } from 'node:path';
import type yauzl from 'yauzl';
import { damaged } from './errors.ts';
import type { ImportLimits } from './limits.ts';
import { keptName } from './names.ts';
import { QuickXml } from './quick-xml.ts';
import { SharedStrings } from './shared-strings.ts';
import { readXml, textRunTooLong } from './xml.ts';
import { partText } from './zip.ts';

export interface SheetEntry {
  readonly name: string;
  readonly hidden: boolean;
  readonly part: yauzl.Entry;
}

export interface WorkbookFrame {
  /** In the order of their tabs. A chart sheet has no cells, and is not among them. */
  readonly sheets: readonly SheetEntry[];
  /** Day 0 of its dates: 1904 in files that began on an old Macintosh. */
  readonly epochMs: number;
  readonly is1904: boolean;
  /** Somebody has left notes in cells. */
  readonly hasComments: boolean;
  /** By a cell's style: what its number is shown as. */
  readonly shows: readonly NumberShown[];
  readonly strings: SharedStrings;
}

/** `undefined`: as a number. `elapsed`: hours beyond a day, [h]:mm. */
export type NumberShown = 'day' | 'time' | 'day_time' | 'elapsed' | 'percent' | undefined;

const epoch1900Ms = Date.UTC(1899, 11, 30);
const epoch1904Ms = Date.UTC(1904, 0, 1);

/** Reads everything but the sheets. Throws `ImportFileError`. */
export async function readFrame(
  zip: yauzl.ZipFile,
  parts: ReadonlyMap<string, yauzl.Entry>,
  limits: ImportLimits,
): Promise<WorkbookFrame> {
  const text = (name: string): AsyncIterable<string> | undefined => {
    const entry = parts.get(name);
    return entry === undefined ? undefined : partText(zip, entry);
  };
  const relations = text('xl/_rels/workbook.xml.rels');
  const workbook = text('xl/workbook.xml');
  if (relations === undefined || workbook === undefined) throw damaged(new Error('no workbook part'));
  const targets = await readTargets(relations, limits);
  const partOf = (type: string): AsyncIterable<string> | undefined =>
    // Some programs write the part where it usually is, and no relation to it.
    text(targets.find((one) => one.type === type)?.part ?? `xl/${type}.xml`);
  const { tabs, is1904 } = await readTabs(workbook, limits);
  const sheets = tabs.flatMap(({ name, hidden, relation }): SheetEntry[] => {
    const target = targets.find(({ id, type }) => id === relation && type === 'worksheet');
    const part = target === undefined ? undefined : parts.get(target.part);
    return part === undefined ? [] : [{ name, hidden, part }];
  });
  const styles = partOf('styles');
  const strings = partOf('sharedStrings');
  return {
    sheets,
    hasComments: [...parts.keys()].some((part) => /^xl\/(?:comments|threadedComments)/i.test(part)),
    is1904,
    epochMs: is1904 ? epoch1904Ms : epoch1900Ms,
    shows: styles === undefined ? [] : await readNumberStyles(styles, limits),
    strings: strings === undefined ? new SharedStrings() : await readStrings(strings, limits),
  };
}

interface Target {
  readonly id: string;
  /** The last word of its type; what is before it differs between the ordinary and the strict form. */
  readonly type: string;
  readonly part: string;
}

async function readTargets(text: AsyncIterable<string>, limits: ImportLimits): Promise<readonly Target[]> {
  const targets: Target[] = [];
  const open = (name: string, attributes: Readonly<Record<string, string>>): void => {
    const { Id: id, Target: target, Type: type } = attributes;
    if (name !== 'Relationship' || id === undefined || target === undefined || type === undefined) return;
    // Some programs write an absolute path ('/xl/worksheets/sheet1.xml').
    const part = target.startsWith('/') ? target.slice(1) : posix.join('xl', target);
    const count = targets.push({ id, type: type.slice(type.lastIndexOf('/') + 1), part });
    if (count > limits.maxZipEntries) throw damaged(new Error('more relations than parts'));
  };
  await readXml(text, { open, text: ignore, close: ignore }, limits);
  return targets;
}

interface Tab {
  readonly name: string;
  readonly hidden: boolean;
  readonly relation: string;
}

async function readTabs(
  text: AsyncIterable<string>,
  limits: ImportLimits,
): Promise<{ readonly tabs: readonly Tab[]; readonly is1904: boolean }> {
  const tabs: Tab[] = [];
  let is1904 = false;
  const open = (element: string, attributes: Readonly<Record<string, string>>): void => {
    if (element === 'workbookPr') is1904 = isTrue(attributes['date1904']);
    if (element !== 'sheet') return;
    const { name, state } = attributes;
    // `r:id`, whatever the prefix is called.
    const [, relation] = Object.entries(attributes).find(([key]) => key.endsWith(':id')) ?? [];
    if (name === undefined || relation === undefined) return;
    const count = tabs.push({
      name: keptName(name),
      hidden: state !== undefined && state !== 'visible',
      relation,
    });
    if (count > limits.maxZipEntries) throw damaged(new Error('more sheets than parts'));
  };
  await readXml(text, { open, text: ignore, close: ignore }, limits);
  return { tabs, is1904 };
}

/** Formats that every program knows by number (ECMA-376, 18.8.30), with those of East Asian files. */
function builtIn(id: number): NumberShown {
  if (id === 9 || id === 10) return 'percent';
  if ((id >= 18 && id <= 21) || id === 45 || id === 47) return 'time';
  if (id === 46) return 'elapsed';
  if (id === 22) return 'day_time';
  return (id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58) ? 'day' : undefined;
}

async function readNumberStyles(
  text: AsyncIterable<string>,
  limits: ImportLimits,
): Promise<readonly NumberShown[]> {
  const own = new Map<number, NumberShown>();
  const shows: NumberShown[] = [];
  let inCells = false;
  const open = (name: string, attributes: Readonly<Record<string, string>>): void => {
    const id = Number(attributes['numFmtId'] ?? 0);
    if (name === 'numFmt') own.set(id, shownBy(attributes['formatCode'] ?? ''));
    if (name === 'cellXfs') inCells = true;
    if (name === 'xf' && inCells) shows.push(own.has(id) ? own.get(id) : builtIn(id));
  };
  const close = (name: string): void => {
    if (name === 'cellXfs') inCells = false;
  };
  await readXml(text, { open, text: ignore, close }, limits);
  return shows;
}

/** By letters of a date or a time outside of quotes and brackets: 'dd/mm/yyyy hh:mm', not '[Red]0' nor '0 "días"'. */
function shownBy(format: string): NumberShown {
  // Excel takes no longer one; without the bound, a search of brackets that never close takes the square of their number.
  const bounded = format.slice(0, 255);
  const [positive = ''] = bounded.replace(/"[^"]*"|\[[^\]]*\]|[\\_*]./g, '').split(';');
  if (/\[(?:h+|m+|s+)\]/i.test(bounded)) return 'elapsed';
  const hasTime = /[hs]/i.test(positive);
  // Beside hours and seconds, m are minutes.
  const hasDay = hasTime ? /[yd]/i.test(positive) : /[dmy]/i.test(positive);
  if (hasDay) return hasTime ? 'day_time' : 'day';
  if (hasTime) return 'time';
  return positive.includes('%') ? 'percent' : undefined;
}

async function readStrings(text: AsyncIterable<string>, limits: ImportLimits): Promise<SharedStrings> {
  const strings = new SharedStrings();
  const item = new TextOfRuns(limits);
  const reader = new QuickXml(
    {
      open(name) {
        if (name === 'si') item.clear();
        else item.open(name);
      },
      text: (value) => item.text(value),
      close(name) {
        if (name === 'si') strings.add(item.value());
        else item.close(name);
      },
    },
    limits,
  );
  for await (const chunk of text) reader.write(chunk);
  reader.end();
  return strings;
}

/** A text, plain or of several runs, without the reading aids that Japanese files put beside it. */
export class TextOfRuns {
  readonly #limits: ImportLimits;
  #value = '';
  #inText = false;
  #aids = 0;

  constructor(limits: ImportLimits) {
    this.#limits = limits;
  }

  clear(): void {
    this.#value = '';
    this.#inText = false;
    this.#aids = 0;
  }

  open(name: string): void {
    if (name === 'rPh') this.#aids += 1;
    if (name === 't') this.#inText = true;
  }

  text(value: string): void {
    if (!this.#inText || this.#aids > 0) return;
    this.#value += value;
    // Of any number of runs, each of them short.
    if (this.#value.length > this.#limits.maxTextRun) throw textRunTooLong();
  }

  close(name: string): void {
    if (name === 'rPh') this.#aids -= 1;
    if (name === 't') this.#inText = false;
  }

  value(): string {
    return unescaped(this.#value);
  }
}

/** Excel writes a character that XML cannot hold as `_x000D_`, and what looks like one as `_x005F_x000D_`. */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

export function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

function ignore(): void {}
