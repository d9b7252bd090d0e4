import type { FeedRow } from '../../domain/shared/queries-feed.ts';
import { hintIds, idsOf, isHintType, RESET } from '../../domain/shared/rules/hints.ts';

/** What a client may leave unread before it is dropped: it comes back by itself, and goes on where it was. */
export const mostUnreadBytes = 512 * 1024;
/** Beyond it whoever catches up waits for the client to read. */
const roomyBytes = 64 * 1024;
/** How long a client waits before it comes back. */
const retryMs = 3_000;

/** One client's end of the stream. */
export interface Reader {
  readonly body: ReadableStream<Uint8Array>;
  readonly isOpen: () => boolean;
  /** Writes rows, in their order. */
  push(rows: readonly FeedRow[]): void;
  /** Says to look at everything again, and that what follows is behind this number. */
  reset(at: bigint): void;
  /** Says where the stream begins or has got to, so that whoever is cut off now goes on from there. */
  position(at: bigint, word: 'open' | 'ping'): void;
  /** Resolves when the client has read nearly all, or is gone. */
  drained(): Promise<void>;
  end(): void;
}

/** `onClose` is called once, however it ends. */
export function createReader(onClose: () => void): Reader {
  const encoder = new TextEncoder();
  let open = true;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let drains: (() => void)[] = [];
  const releaseDrains = (): void => {
    for (const resolve of drains) resolve();
    drains = [];
  };
  const close = (): void => {
    if (!open) return;
    open = false;
    releaseDrains();
    onClose();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(own) {
        controller = own;
        own.enqueue(encoder.encode(`retry: ${retryMs}\n\n`));
      },
      pull: releaseDrains,
      cancel: close,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: roomyBytes }),
  );
  const write = (text: string): void => {
    if (!open || controller === undefined) return;
    controller.enqueue(encoder.encode(text));
    if ((controller.desiredSize ?? 0) >= roomyBytes - mostUnreadBytes) return;
    close();
    // Not closed: what it has not read would be kept for it, and its connection with it.
    controller.error(new Error('the client reads too slowly'));
  };
  return {
    body,
    isOpen: () => open,
    push: (rows) => {
      if (rows.length > 0) write(rows.map((row) => block(row.seq, present(row))).join(''));
    },
    reset: (at) => write(block(at, { type: RESET })),
    position: (at, word) =>
      // An id without data is kept by clients, and shown to nobody.
      write(`id: ${String(at)}\n: ${word}\n\n`),
    drained() {
      const isRoomy = !open || (controller?.desiredSize ?? 0) > 0;
      return isRoomy ? Promise.resolve() : new Promise((resolve) => drains.push(resolve));
    },
    end() {
      if (!open) return;
      close();
      controller?.close();
    },
  };
}

function block(id: bigint, data: Readonly<Record<string, unknown>>): string {
  return `id: ${String(id)}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** An event or a hint as everybody of its account may see it: its type, when, and ids. */
export function present({ type, subject, data, at }: FeedRow): Readonly<Record<string, unknown>> {
  if (type === RESET) return { type };
  const when = { type, at: at.toISOString() };
  if (!isHintType(type)) return { ...when, subject, ...idsOf(data) };
  const name = hintIds[type];
  return name === undefined ? when : { ...when, [name]: subject };
}
