import { type Database, inAccount } from '../../db/client.ts';
import { countBehind, feedEnd, readFeed } from '../../domain/shared/queries-feed.ts';
import { problem } from '../problems.ts';
import { createReader, type Reader } from './reader.ts';
import type { Asked, Feed } from './types.ts';

export interface FeedOptions {
  readonly app: Database;
  readonly nowMs: () => number;
  /** Tests shorten it. */
  readonly pingMs?: number;
  readonly onError: (error: unknown) => void;
}

/** Open streams of a key or a person, and of an account, in this process. */
export const mostOfHolder = 6;
export const mostOfAccount = 50;
/** What is older, or more, is not told one by one. */
const oldestMs = 24 * 3_600_000;
export const mostBehind = 5_000;
const part = 500;
const pingEveryMs = 15_000;
/** News may be missed: this often each account with a stream is looked at without any. */
const lookEveryMs = 2_000;

interface Room {
  readonly readers: Set<Reader>;
  /** Up to there everything has been read, and given to each reader. */
  cursor: bigint;
  /** One thing after the other: nobody joins in the middle of a reading. */
  work: Promise<void>;
  isLooking: boolean;
}

export function createFeed({ app, nowMs, pingMs = pingEveryMs, onError }: FeedOptions): Feed {
  const rooms = new Map<string, Room>();
  const ofHolder = new Map<string, number>();
  const ofAccount = new Map<string, number>();
  let ticking: NodeJS.Timeout | undefined;
  const all = new Set<Reader>();
  let isClosed = false;

  const roomOf = (accountId: string): Room => {
    const found = rooms.get(accountId);
    if (found !== undefined) return found;
    const room: Room = { readers: new Set(), cursor: -1n, work: Promise.resolve(), isLooking: false };
    rooms.set(accountId, room);
    ticking ??= setInterval(lookAtAll, lookEveryMs).unref();
    return room;
  };
  const inTurn = <T>(room: Room, work: () => Promise<T>): Promise<T> => {
    const done = room.work.then(work);
    room.work = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };
  const advance = async (accountId: string, room: Room): Promise<void> => {
    for (;;) {
      const { rows, end } = await inAccount(app, accountId, (trx) => readFeed(trx, room.cursor, part));
      for (const reader of room.readers) reader.push(rows);
      // Never back: a database that was restored beneath us would be told again.
      if (end > room.cursor) room.cursor = end;
      if (rows.length < part) return;
    }
  };
  const look = (accountId: string): void => {
    const room = rooms.get(accountId);
    if (room === undefined || room.readers.size === 0 || room.isLooking) return;
    room.isLooking = true;
    inTurn(room, () => {
      // News that come from here on are of another look.
      room.isLooking = false;
      return advance(accountId, room);
    }).catch(onError);
  };
  function lookAtAll(): void {
    for (const accountId of rooms.keys()) look(accountId);
  }
  const leave = (accountId: string, holderId: string, reader: Reader): void => {
    const room = rooms.get(accountId);
    all.delete(reader);
    room?.readers.delete(reader);
    release(ofHolder, holderId);
    release(ofAccount, accountId);
    if (ofAccount.has(accountId)) return;
    rooms.delete(accountId);
    if (rooms.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
  /** Gives a reader what it has missed, then the same as all others. */
  const join = async ({ accountId, after }: Asked, room: Room, reader: Reader): Promise<void> => {
    let at = after;
    if (at !== undefined && (await isLost(app, accountId, at, nowMs()))) at = undefined;
    while (at !== undefined && reader.isOpen()) {
      const from: bigint = at;
      const { rows, end } = await inAccount(app, accountId, (trx) => readFeed(trx, from, part));
      reader.push(rows);
      at = end > from ? end : from;
      if (rows.length < part) break;
      // A client that reads slowly is no slow client while it is we who are late.
      await reader.drained();
    }
    await inTurn(room, async () => {
      if (room.cursor < 0n) room.cursor = at ?? (await feedEnd(app));
      await advance(accountId, room);
      if (at === undefined) {
        if (after !== undefined) reader.reset(room.cursor);
        else reader.position(room.cursor, 'open');
      } else {
        const from = at;
        await inAccount(app, accountId, async (trx) => {
          const { rows } = await readFeed(trx, from, mostBehind);
          reader.push(rows.filter(({ seq }) => seq <= room.cursor));
        });
      }
      if (reader.isOpen()) room.readers.add(reader);
    });
  };
  const watch = (asked: Asked, room: Room, reader: Reader): NodeJS.Timeout => {
    let isAsking = false;
    const ping = async (): Promise<void> => {
      // Neither yes nor no since the last one: whoever cannot be asked about does not stay.
      if (isAsking) return reader.end();
      isAsking = true;
      const may = await asked.mayStay().catch(() => false);
      isAsking = false;
      if (!may) return reader.end();
      if (room.readers.has(reader)) reader.position(room.cursor, 'ping');
    };
    return setInterval(() => void ping(), pingMs).unref();
  };

  return {
    open(asked) {
      const { accountId, holderId } = asked;
      if (isClosed) throw problem('shutting_down');
      refuseAbove(ofHolder.get(holderId), mostOfHolder);
      refuseAbove(ofAccount.get(accountId), mostOfAccount);
      take(ofHolder, holderId);
      take(ofAccount, accountId);
      const room = roomOf(accountId);
      const reader: Reader = createReader(() => {
        clearInterval(pings);
        leave(accountId, holderId, reader);
      });
      all.add(reader);
      const pings = watch(asked, room, reader);
      // The answer begins at once; what was missed follows.
      join(asked, room, reader).catch((error: unknown) => {
        onError(error);
        reader.end();
      });
      return reader;
    },
    news: look,
    close() {
      isClosed = true;
      for (const reader of all) reader.end();
    },
  };
}

/** Whether what was missed is too old or too much to be told one by one, or the number is none that was ever given. */
async function isLost(app: Database, accountId: string, after: bigint, nowMs: number): Promise<boolean> {
  if (after < BigInt(nowMs - oldestMs) * 1_000n || after > (await feedEnd(app))) return true;
  const behind = await inAccount(app, accountId, (trx) => countBehind(trx, after, mostBehind + 1));
  return behind > mostBehind;
}

function refuseAbove(open: number | undefined, most: number): void {
  if ((open ?? 0) >= most) throw problem('too_many_streams', { most }, { headers: { 'retry-after': '15' } });
}

function take(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function release(counts: Map<string, number>, name: string): void {
  const left = (counts.get(name) ?? 1) - 1;
  if (left <= 0) counts.delete(name);
  else counts.set(name, left);
}
