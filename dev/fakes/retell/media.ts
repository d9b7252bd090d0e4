/** Recordings at links that nobody can guess, as Retell's: without a key, and gone when their call is. */
import { Readable } from 'node:stream';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, Hono } from 'hono';
import type { HttpBindings } from '@hono/node-server';
import type { CreateDeps } from './create.ts';
import { recordingBytes, recordingOf } from './recording.ts';
import type { FakeCall } from './types.ts';

type Bindings = { Bindings: HttpBindings };

const files: Readonly<Record<string, 1 | 2>> = { 'recording.wav': 1, 'recording_multichannel.wav': 2 };

export function addMedia(app: Hono<Bindings>, { book, faults }: CreateDeps): void {
  app.get('/media/:id/:file', async (c) => {
    const call = book.calls.get(c.req.param('id'));
    const channels = files[c.req.param('file')];
    const bytes = call === undefined || channels === undefined ? undefined : recordingBytes(call, channels);
    if (call === undefined || channels === undefined || bytes === undefined || call.deletedAtMs !== undefined)
      return c.text('<Error><Code>NoSuchKey</Code></Error>', 404);
    const target = { toNumber: call.request.to_number };
    if (faults.take(['recording_error'], target) !== undefined) return c.text('error', 500);
    if (faults.take(['recording_expired'], target) !== undefined)
      return c.text('<Error><Code>AccessDenied</Code></Error>', 403);
    if (faults.take(['recording_moved'], target) !== undefined)
      return c.redirect('http://169.254.169.254/latest/meta-data/');
    const isCut = faults.take(['recording_cut'], target) !== undefined;
    return answer(c, call, { channels, bytes, isCut });
  });
}

/** Cut: the connection ends after the first second, though more was promised. */
async function answer(
  c: Context<Bindings>,
  call: FakeCall,
  { channels, bytes, isCut }: { readonly channels: 1 | 2; readonly bytes: number; readonly isCut: boolean },
): Promise<Response> {
  const body = recordingOf(call, channels);
  const headers = { 'content-type': 'audio/wav', 'content-length': String(isCut ? bytes + 1 : bytes) };
  if (!isCut) return new Response(Readable.toWeb(Readable.from(body)) as ReadableStream, { headers });
  const { outgoing, incoming } = c.env;
  outgoing.writeHead(200, headers);
  for await (const chunk of body) outgoing.write(chunk);
  setImmediate(() => incoming.socket.destroy());
  return RESPONSE_ALREADY_SENT;
}
