/** What a file is, and whether it is safe to read, before anything parses it. Reads the file; keeps none of it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { damaged, ImportFileError } from './errors.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import { type Merge, MergeScan } from './merged-cells.ts';
import { openZip, partBytes } from './zip.ts';

/** How rows come that are no file. */
export type SentFormat = 'json' | 'ndjson';
export type UploadKind = 'workbook' | 'csv' | SentFormat;

export interface GuardedUpload {
  readonly kind: UploadKind;
  readonly bytes: number;
  /** SHA-256 of the file, hex: the same file twice has the same. */
  readonly sha256: string;
  /** Of a workbook: by part of the zip, its cells that are merged over several rows. They stand behind the rows that they are of. */
  readonly merges: ReadonlyMap<string, readonly Merge[]>;
}

const noMerges: ReadonlyMap<string, readonly Merge[]> = new Map();

/** Refuses with `ImportFileError`: too large, a bomb, encrypted, an old or foreign format. Else says what the file is. */
export async function guardUpload(
  path: string,
  limits: ImportLimits = importLimits,
  format?: SentFormat,
): Promise<GuardedUpload> {
  const { size } = await stat(path);
  if (size === 0) throw new ImportFileError('empty_file', 'El archivo está vacío.', 'The file is empty.');
  if (size > limits.maxFileBytes) {
    const megabytes = Math.floor(limits.maxFileBytes / 1024 / 1024);
    throw new ImportFileError(
      'file_too_large',
      `El archivo pesa más de ${megabytes} MB. Divídalo en varios.`,
      `The file is over ${megabytes} MB. Split it into several.`,
    );
  }
  const kind = format ?? (await kindOf(path));
  const merges = kind === 'workbook' ? await guardZip(path, limits) : noMerges;
  return { kind, bytes: size, sha256: await hashFile(path), merges };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of byteChunks(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function* byteChunks(path: string): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path)) if (Buffer.isBuffer(chunk)) yield chunk;
}

const ZIP = Buffer.from('PK\u0003\u0004', 'latin1');
const COMPOUND_FILE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** Name of the stream that holds an encrypted workbook inside a compound file. */
const ENCRYPTED = Buffer.from('EncryptedPackage', 'utf16le');

/** By content, not by name: a download page saved as .xlsx is HTML, and many a .xls is a .xlsx. */
async function kindOf(path: string): Promise<UploadKind> {
  const head = await readHead(path, 64 * 1024);
  if (head.subarray(0, 4).equals(ZIP)) return 'workbook';
  if (head.subarray(0, 8).equals(COMPOUND_FILE)) throw await compoundFileError(path);
  if (/^\s*(?:<!doctype html|<html|<table|<\?xml|<meta)/i.test(head.toString('latin1', 0, 512))) {
    throw new ImportFileError(
      'html_not_excel',
      'El archivo es una página web con nombre de Excel. Ábralo en Excel, guárdelo como .xlsx y cárguelo de nuevo.',
      'The file is a web page named as Excel. Open it in Excel, save it as .xlsx and upload it again.',
    );
  }
  const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (!utf16 && head.includes(0)) {
    throw new ImportFileError(
      'not_a_spreadsheet',
      'El archivo no es un Excel (.xlsx) ni un CSV.',
      'The file is neither Excel (.xlsx) nor CSV.',
    );
  }
  return 'csv';
}

async function readHead(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function compoundFileError(path: string): Promise<ImportFileError> {
  let tail = Buffer.alloc(0);
  for await (const chunk of byteChunks(path)) {
    const window = Buffer.concat([tail, chunk]);
    if (window.includes(ENCRYPTED)) return encrypted();
    tail = window.subarray(-ENCRYPTED.length);
  }
  return new ImportFileError(
    'old_excel',
    'El archivo es de Excel 97-2003 (.xls). Ábralo en Excel y guárdelo como .xlsx.',
    'The file is of Excel 97-2003 (.xls). Open it in Excel and save it as .xlsx.',
  );
}

function encrypted(): ImportFileError {
  return new ImportFileError(
    'encrypted',
    'El archivo tiene contraseña. Quítela (Archivo, Información, Proteger libro) y cárguelo de nuevo.',
    'The file has a password. Remove it (File, Info, Protect Workbook) and upload it again.',
  );
}

async function guardZip(path: string, limits: ImportLimits): Promise<ReadonlyMap<string, readonly Merge[]>> {
  const zip = await openZip(path);
  try {
    if (zip.entryCount > limits.maxZipEntries) throw tooManyParts(limits);
    const entries: yauzl.Entry[] = [];
    // The count in the zip's end record can lie as well.
    for await (const entry of zip.eachEntry()) {
      if (entries.push(entry) > limits.maxZipEntries) throw tooManyParts(limits);
    }
    checkDirectory(entries, limits);
    return await inflateAndCount(zip, entries, limits);
  } catch (error) {
    throw error instanceof ImportFileError ? error : damaged(error);
  } finally {
    zip.close();
  }
}

function tooManyParts({ maxZipEntries }: ImportLimits): ImportFileError {
  return new ImportFileError(
    'too_many_parts',
    `El archivo tiene más de ${maxZipEntries} partes internas. Copie la hoja a un libro nuevo y cárguelo.`,
    `The file has over ${maxZipEntries} internal parts. Copy the sheet to a new workbook and upload that.`,
  );
}

/** What the directory itself gives away, before a byte is inflated. */
function checkDirectory(entries: readonly yauzl.Entry[], limits: ImportLimits): void {
  if (entries.some((entry) => entry.isEncrypted())) throw encrypted();
  const names = new Set(entries.map((entry) => entry.fileName));
  if (names.has('xl/workbook.bin')) {
    throw new ImportFileError(
      'binary_excel',
      'El archivo es un Excel binario (.xlsb). Guárdelo como .xlsx.',
      'The file is a binary Excel (.xlsb). Save it as .xlsx.',
    );
  }
  if (!names.has('xl/workbook.xml')) {
    throw new ImportFileError(
      'not_a_spreadsheet',
      'El archivo es un zip, pero no un Excel (.xlsx).',
      'The file is a zip, but not Excel (.xlsx).',
    );
  }
  let declared = 0;
  for (const entry of entries) {
    declared += entry.uncompressedSize;
    checkRatio(entry.uncompressedSize, entry.compressedSize, limits);
  }
  if (declared > limits.maxUnpackedBytes) throw tooLargeUnpacked(limits);
}

/** Headers lie: every part is inflated once, its bytes counted and thrown away, and the rows of sheets counted. */
async function inflateAndCount(
  zip: yauzl.ZipFile,
  entries: readonly yauzl.Entry[],
  limits: ImportLimits,
): Promise<ReadonlyMap<string, readonly Merge[]>> {
  const merges = new Map<string, readonly Merge[]>();
  let total = 0;
  let rows = 0;
  for (const entry of entries) {
    if (entry.fileName.endsWith('/')) continue;
    const isSheet = /^xl\/worksheets\/[^/]+\.xml$/i.test(entry.fileName);
    let bytes = 0;
    let checksum = 0;
    let tail = '';
    const scan = new MergeScan(limits);
    for await (const chunk of partBytes(zip, entry)) {
      bytes += chunk.length;
      checksum = crc32(chunk, checksum);
      total += chunk.length;
      if (total > limits.maxUnpackedBytes) throw tooLargeUnpacked(limits);
      checkRatio(bytes, entry.compressedSize, limits);
      if (!isSheet) continue;
      const latin = chunk.toString('latin1');
      scan.add(latin);
      const text = tail + latin;
      rows += countRows(text);
      checkFileRows(rows, limits);
      tail = text.slice(-4);
    }
    // yauzl does not check it: a flipped bit would pass as another figure in an amount.
    if (checksum !== entry.crc32) throw damaged(new Error(`wrong checksum of ${entry.fileName}`));
    if (scan.merges.length > 0) merges.set(entry.fileName, scan.merges);
  }
  return merges;
}

function checkRatio(unpacked: number, packed: number, { maxRatio, ratioFromBytes }: ImportLimits): void {
  if (unpacked <= ratioFromBytes || unpacked <= packed * maxRatio) return;
  throw new ImportFileError(
    'suspicious_compression',
    'El archivo se expande más de lo que un Excel normal lo hace y se rechaza por seguridad.',
    'The file expands more than an ordinary Excel does and is refused for safety.',
  );
}

function tooLargeUnpacked({ maxUnpackedBytes }: ImportLimits): ImportFileError {
  const megabytes = Math.floor(maxUnpackedBytes / 1024 / 1024);
  return new ImportFileError(
    'too_large_unpacked',
    `El archivo, descomprimido, pesa más de ${megabytes} MB. Divídalo o quite imágenes y hojas que no se usan.`,
    `The file, unpacked, is over ${megabytes} MB. Split it, or remove images and sheets that are not used.`,
  );
}

/** Refuses a file whose sheets together have more rows than any that is taken; the readers count by it too. */
export function checkFileRows(rows: number, limits: ImportLimits): void {
  if (rows > limits.maxRows + limits.maxOtherRows) throw tooManyRows(limits);
}

/** The error of a file with too many rows. */
export function tooManyRows({ maxRows }: ImportLimits): ImportFileError {
  const count = maxRows.toString();
  return new ImportFileError(
    'too_many_rows',
    `El archivo tiene más de ${count} filas (las filas en blanco con formato cuentan). Divídalo en varios.`,
    `The file has over ${count} rows (blank rows with a format count). Split it into several.`,
  );
}

/** `<row` and the character after it: five characters, so a tail of four loses none and counts none twice. */
function countRows(text: string): number {
  let count = 0;
  for (let at = text.indexOf('<row'); at >= 0; at = text.indexOf('<row', at + 4)) {
    const next = text.charCodeAt(at + 4);
    if (next === 32 || next === 62 || next === 47 || next === 10 || next === 13 || next === 9) count += 1;
  }
  return count;
}
