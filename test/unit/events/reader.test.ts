import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { serve } from '@hono/node-server';
import { describe, expect, it } from 'vitest';
import { createReader, mostUnreadBytes, present } from '../../../api/events/reader.ts';
import type { FeedRow } from '../../../domain/shared/queries-feed.ts';
import { HINT_TYPES } from '../../../domain/shared/rules/hints.ts';

const at = new Date('2027-03-08T12:00:00Z');
const row = (seq: number, changes: Partial<FeedRow> = {}): FeedRow => ({
  seq: BigInt(seq),
  type: 'contact.opened',
  subject: randomUUID(),
  data: { contact_id: 'c', name: 'Ana', external_id: '12345678-5' },
  at,
  ...changes,
});

describe('a reader', () => {
  it('writes what the standard says: a wait, positions that no page sees, a message with its number', async () => {
    const reader = createReader(() => undefined);
    reader.position(7n, 'open');
    reader.push([row(8, { subject: 's' })]);
    reader.reset(9n);
    reader.position(9n, 'ping');
    reader.end();
    reader.push([row(10)]);
    const data = JSON.stringify({
      type: 'contact.opened',
      at: at.toISOString(),
      subject: 's',
      contact_id: 'c',
    });
    expect(await new Response(reader.body).text()).toBe(
      `retry: 3000\n\nid: 7\n: open\n\nid: 8\ndata: ${data}\n\nid: 9\ndata: {"type":"reset"}\n\nid: 9\n: ping\n\n`,
    );
  });

  it('is dropped when its client leaves too much unread, and says so once', async () => {
    let closed = 0;
    const reader = createReader(() => (closed += 1));
    const rows = Array.from({ length: 100 }, (_, index) => row(index));
    let pushed = 0;
    while (reader.isOpen() && pushed < 1_000) {
      reader.push(rows);
      pushed += 1;
    }
    expect({ closed, isOpen: reader.isOpen() }).toEqual({ closed: 1, isOpen: false });
    const bytes = pushed * Buffer.byteLength(JSON.stringify(present(row(1)))) * 100;
    expect(bytes).toBeLessThan(mostUnreadBytes * 1.1);
    await expect(new Response(reader.body).text()).rejects.toThrow('too slowly');
    reader.end();
    expect(closed).toBe(1);
  });

  it('lets whoever catches up wait until its client has read, or is gone', async () => {
    const reader = createReader(() => undefined);
    const from = reader.body.getReader();
    reader.push(Array.from({ length: 500 }, (_, index) => row(index)));
    let isDrained = false;
    const drained = reader.drained().then(() => (isDrained = true));
    await Promise.resolve();
    expect(isDrained).toBe(false);
    await from.read();
    await from.read();
    await drained;
    reader.push(Array.from({ length: 500 }, (_, index) => row(index)));
    const gone = reader.drained();
    await from.cancel();
    await gone;
    expect(reader.isOpen()).toBe(false);
  });

  it('takes the connection of a client that is dropped with it', async () => {
    const reader = createReader(() => undefined);
    const server = serve({ fetch: () => new Response(reader.body), hostname: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const gone = new Promise((resolve) =>
      server.once('connection', (socket: Socket) => socket.once('close', resolve)),
    );
    const asked = request({ port }, (response) => {
      response.on('error', () => undefined);
      response.once('data', () => {
        response.pause();
        // The first is taken at once; the others wait behind a client that does not read.
        for (let times = 0; times < 10; times += 1)
          reader.push(Array.from({ length: 1_000 }, (_, index) => row(index)));
      });
    });
    asked.on('error', () => undefined);
    asked.end();
    await gone;
    asked.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('what is shown', () => {
  it('of a hint is the id that opens it; of the balance that it has changed', () => {
    const shown = HINT_TYPES.map((type) => present(row(1, { type, subject: 's', data: {} })));
    const when = { at: at.toISOString() };
    expect(shown).toEqual([
      { type: 'batch.changed', ...when, batch_id: 's' },
      { type: 'contact.changed', ...when, batch_id: 's' },
      { type: 'balance.changed', ...when },
      { type: 'task.changed', ...when, task_id: 's' },
      { type: 'import.progress', ...when, import_id: 's' },
      { type: 'rehearsal.progress', ...when, rehearsal_id: 's' },
      { type: 'alert.raised', ...when, alert_id: 's' },
    ]);
  });
});
