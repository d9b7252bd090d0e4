import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importLimits } from '../../domain/imports/limits.ts';
import type { SentFormat } from '../../domain/imports/guard.ts';
import { fieldErrors } from '../field-errors.ts';
import { type Problem, problem } from '../problems.ts';
import { RowsBody, RowsBodyError } from './rows-body.ts';
import { sentFieldsSchema } from './schemas.ts';
import type { ReceivedUpload } from './upload.ts';

/** Fields around the rows. */
const maxEnvelopeBytes = 64 * 1024;

/** How the rows of a request come; undefined: as no JSON. */
export function sentFormatOf(contentType: string | null): SentFormat | undefined {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'application/x-ndjson' ? 'ndjson' : undefined;
}

/**
 * Receives rows into a temporary file for as long as `work` lasts: of JSON the array of `rows`, of NDJSON the body. Throws
 * `Problem`: 413, or 400 for a body that is none.
 */
export async function withRows<T>(
  request: Request,
  format: SentFormat,
  work: (upload: ReceivedUpload) => Promise<T>,
  maxBytes: number = importLimits.maxSentBytes,
): Promise<T> {
  if (request.body === null) throw problem('malformed_json');
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > maxBytes + maxEnvelopeBytes) throw tooLarge(maxBytes);
  const dir = await mkdtemp(join(tmpdir(), 'tandas-rows-'));
  try {
    return await work(await receive(request.body, format, join(dir, 'rows'), maxBytes));
  } catch (error) {
    if (!(error instanceof RowsBodyError)) throw error;
    const { field } = error;
    throw problem('malformed_json', {}, field === undefined ? {} : { field });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function receive(
  body: AsyncIterable<Uint8Array>,
  format: SentFormat,
  path: string,
  maxBytes: number,
): Promise<ReceivedUpload> {
  const hash = createHash('sha256');
  const envelope = format === 'json' ? new RowsBody() : undefined;
  let bytes = 0;
  const file = await open(path, 'w', 0o600);
  try {
    for await (const chunk of body) {
      const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      for (const rows of envelope?.write(piece) ?? [piece]) {
        bytes += rows.length;
        if (bytes > maxBytes) throw tooLarge(maxBytes);
        hash.update(rows);
        await file.write(rows);
      }
    }
  } finally {
    await file.close();
  }
  return {
    path,
    fileName: format === 'json' ? 'JSON' : 'NDJSON',
    sha256: hash.digest('hex'),
    bytes,
    fields: envelope === undefined ? {} : formFields(envelope.end()),
  };
}

/** As a form has them. Throws `Problem` for a field of another type, or that nobody knows. */
function formFields(sent: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const parsed = sentFieldsSchema.safeParse(sent);
  if (!parsed.success)
    throw problem('invalid_request', {}, { errors: fieldErrors(parsed.error.issues, sent) });
  const { rows: _, ...fields } = parsed.data;
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, String(value)]],
    ),
  );
}

function tooLarge(maxBytes: number): Problem {
  const megabytes = Math.floor(maxBytes / 1024 / 1024);
  return problem('rows_too_large', { megabytes }, { field: 'rows' });
}
