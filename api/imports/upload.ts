import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importLimits } from '../../domain/imports/limits.ts';
import { keptName } from '../../domain/imports/names.ts';
import { Problem, problem } from '../problems.ts';
import { boundaryOf, MultipartError, readMultipart } from './multipart.ts';

export interface ReceivedUpload {
  readonly path: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
  /** The form's other fields, as text. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Boundaries, headers and the small fields around the file. */
const maxEnvelopeBytes = 64 * 1024;
const maxFieldBytes = 1024;

/**
 * Receives a multipart upload into a temporary file for as long as `work` lasts. Stops reading at the size limit.
 * Throws `Problem`: 413, or 400 for a body that is no upload.
 */
export async function withUpload<T>(
  request: Request,
  work: (upload: ReceivedUpload) => Promise<T>,
  maxFileBytes: number = importLimits.maxFileBytes,
): Promise<T> {
  const boundary = boundaryOf(request.headers.get('content-type') ?? undefined);
  if (boundary === undefined || request.body === null) {
    throw problem('not_multipart');
  }
  // What says itself that it is too large is not read at all.
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > maxFileBytes + maxEnvelopeBytes) throw tooLarge(maxFileBytes);
  const dir = await mkdtemp(join(tmpdir(), 'tandas-upload-'));
  try {
    return await work(await receive(request.body, boundary, join(dir, 'file'), maxFileBytes));
  } catch (error) {
    if (!(error instanceof MultipartError)) throw error;
    throw problem('malformed_multipart', { detail: error.message });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function receive(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  path: string,
  maxFileBytes: number,
): Promise<ReceivedUpload> {
  const hash = createHash('sha256');
  const fields = new Map<string, string>();
  let fileName: string | undefined;
  let current: { readonly name: string; readonly isFile: boolean } | undefined;
  let fileBytes = 0;
  const file = await open(path, 'w', 0o600);
  try {
    for await (const event of readMultipart(capped(body, maxFileBytes), boundary)) {
      if (event.kind === 'part') {
        const isFile = event.name === 'file';
        if (isFile && fileName !== undefined) throw new MultipartError('two parts are called "file"');
        if (isFile) fileName = keptName(event.fileName ?? '');
        else fields.set(event.name, '');
        current = { name: event.name, isFile };
      } else if (current?.isFile === true) {
        fileBytes += event.bytes.length;
        if (fileBytes > maxFileBytes) throw tooLarge(maxFileBytes);
        hash.update(event.bytes);
        await file.write(event.bytes);
      } else if (current !== undefined) {
        const text = (fields.get(current.name) ?? '') + event.bytes.toString('latin1');
        if (text.length > maxFieldBytes) throw new MultipartError(`the field "${current.name}" is too long`);
        fields.set(current.name, text);
      }
    }
  } finally {
    await file.close();
  }
  if (fileName === undefined) {
    throw problem('file_missing', {}, { field: 'file' });
  }
  return {
    path,
    fileName: fileName === '' ? 'sin nombre' : fileName,
    sha256: hash.digest('hex'),
    bytes: fileBytes,
    // A character of several bytes may be cut between two chunks: fields become text when they are whole.
    fields: Object.fromEntries(
      [...fields].map(([name, text]) => [name, Buffer.from(text, 'latin1').toString('utf8')]),
    ),
  };
}

/** Ends the reading of a body that goes on past what any allowed file needs, whatever its header said. */
async function* capped(body: AsyncIterable<Uint8Array>, maxFileBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxFileBytes + maxEnvelopeBytes) throw tooLarge(maxFileBytes);
    yield chunk;
  }
}

function tooLarge(maxFileBytes: number): Problem {
  const megabytes = Math.floor(maxFileBytes / 1024 / 1024);
  return problem('file_too_large', { megabytes }, { field: 'file' });
}
