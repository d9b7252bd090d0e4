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

/** The boundary of a content type, or undefined when it is no multipart/form-data. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
    contentType ?? '',
  );
  return match?.[1] ?? match?.[2];
}

/** Reads parts in their order. Throws `MultipartError` for a body that is malformed or ends too soon. */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<MultipartEvent> {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const chunks = body[Symbol.asyncIterator]();
  // The first delimiter has no line break before it: this one lets all be searched alike.
  let buffer = Buffer.from('\r\n', 'latin1');
  const more = async (): Promise<void> => {
    const next = await chunks.next();
    if (next.done === true) throw new MultipartError('the body ends before its last boundary');
    buffer = Buffer.concat([buffer, next.value]);
  };
  for (let parts = 0; ; parts += 1) {
    if (parts > maxParts) throw new MultipartError(`more than ${maxParts} parts`);
    for (;;) {
      const at = buffer.indexOf(delimiter);
      const end = at < 0 ? Math.max(0, buffer.length - delimiter.length + 1) : at;
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

function partOf(headers: string): Extract<MultipartEvent, { kind: 'part' }> {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(headers)?.[1] ?? '';
  const name = /(?:^|;)\s*name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw new MultipartError('a part has no name');
  // Browsers write quotes of a file name as %22, curl as \".
  const fileName = /(?:^|;)\s*filename="((?:\\"|[^"])*)"/i.exec(disposition)?.[1];
  return { kind: 'part', name, fileName: fileName?.replaceAll('\\"', '"').replaceAll('%22', '"') };
}
