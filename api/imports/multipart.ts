/** A multipart/form-data body as a stream of parts: a file of 50 MB is never held in memory whole. */

export type MultipartEvent =
  | { readonly kind: 'part'; readonly name: string; readonly fileName: string | undefined }
  /** Bytes of the part that was named last. */
  | { readonly kind: 'data'; readonly bytes: Buffer };

/** The body is not what its content type says. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
}

const maxHeaderBytes = 16 * 1024;
const maxParts = 20;
/** RFC 2046 allows 70; the way in which most Java programs make one gives 77 digits. */
const maxBoundary = 200;

/** The boundary of a content type, or undefined when it is no multipart/form-data. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const [, rest] = /^\s*multipart\/form-data\s*(;.*)$/is.exec(contentType ?? '') ?? [];
  const boundary = parametersOf(rest ?? '').get('boundary') ?? '';
  return boundary.length > 0 && boundary.length <= maxBoundary ? boundary : undefined;
}

/** Reads parts in their order. Throws `MultipartError` for a body that is malformed or ends too soon. */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<MultipartEvent> {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const chunks = body[Symbol.asyncIterator]();
  // The first delimiter has no line break before it: this one lets all be searched alike.
  let buffer: Buffer = Buffer.from('\r\n', 'latin1');
  const more = async (): Promise<void> => {
    const next = await chunks.next();
    if (next.done === true) throw new MultipartError('the body ends before its last boundary');
    const bytes = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    buffer = buffer.length === 0 ? bytes : Buffer.concat([buffer, bytes]);
  };
  for (let parts = 0; ; parts += 1) {
    if (parts > maxParts) throw new MultipartError(`more than ${maxParts} parts`);
    for (;;) {
      const at = buffer.indexOf(delimiter);
      const end = at < 0 ? heldBackFrom(buffer, delimiter) : at;
      // Before the first delimiter stands a preamble, which is nobody's.
      if (end > 0 && parts > 0) yield { kind: 'data', bytes: buffer.subarray(0, end) };
      buffer = buffer.subarray(at < 0 ? end : end + delimiter.length);
      if (at >= 0) break;
      await more();
    }
    while (buffer.length < 2) await more();
    if (buffer.subarray(0, 2).toString('latin1') === '--') return;
    let headersEnd = buffer.indexOf('\r\n\r\n');
    while (headersEnd < 0) {
      if (buffer.length > maxHeaderBytes) throw new MultipartError("a part's headers are too long");
      await more();
      headersEnd = buffer.indexOf('\r\n\r\n');
    }
    yield partOf(buffer.subarray(0, headersEnd).toString('utf8'));
    buffer = buffer.subarray(headersEnd + 4);
  }
}

/** Where the beginning of a delimiter stands at the end, or the end: all before it is data, and is passed on without a copy. */
function heldBackFrom(buffer: Buffer, delimiter: Buffer): number {
  const first = delimiter[0] ?? 0;
  let at = buffer.indexOf(first, Math.max(0, buffer.length - delimiter.length + 1));
  while (at >= 0) {
    const rest = buffer.length - at;
    if (delimiter.compare(buffer, at, buffer.length, 0, rest) === 0) return at;
    at = buffer.indexOf(first, at + 1);
  }
  return buffer.length;
}

function partOf(headers: string): Extract<MultipartEvent, { kind: 'part' }> {
  // Mail libraries fold a long header onto a second line.
  const lines = headers.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const disposition = lines.flatMap(
    (line) => /^content-disposition:\s*form-data\s*(;.*)$/i.exec(line)?.[1] ?? [],
  );
  const parameters = parametersOf(disposition[0] ?? '');
  const name = parameters.get('name');
  if (name === undefined) throw new MultipartError('a part has no name');
  const plain = parameters.get('filename');
  return { kind: 'part', name, fileName: extendedValue(parameters.get('filename*')) ?? plain };
}

/**
 * `; name="value"; other=token`, by their names in lower case; the first of a name counts. .NET quotes only what it must
 * (RFC 2183), browsers write quotes of a file name as %22, curl and Python as %22 or \".
 */
function parametersOf(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const next = /\s*;\s*([^\s;="]+)\s*=\s*(?:"((?:\\"|[^"])*)"|([^\s;"]*))/y;
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    const [, name = '', quoted, token = ''] = found;
    const value = quoted?.replaceAll('\\"', '"').replaceAll('%22', '"') ?? token;
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  return parameters;
}

/** `UTF-8''cartera%20%C3%B1.csv` (RFC 8187). Undefined for what is none: the plain name is taken then. */
function extendedValue(text: string | undefined): string | undefined {
  const [, charset, encoded = ''] = /^(utf-8|iso-8859-1)'[^']*'(.*)$/is.exec(text ?? '') ?? [];
  if (charset === undefined || /%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  const bytes = encoded.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString(charset.toLowerCase() === 'utf-8' ? 'utf8' : 'latin1');
}
