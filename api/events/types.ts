import type { Reader } from './reader.ts';

/** Streams of all clients of this process, with one reading of each account for all of its clients. */
export interface Feed {
  /** Opens a stream behind a number; without one, from now on. Throws the 429 of whoever has too many. */
  open(asked: Asked): Reader;
  /** There is news of an account. */
  news(accountId: string): void;
  /** Ends all streams: their clients come back, to another process. */
  close(): void;
}

export interface Asked {
  readonly accountId: string;
  /** The key, or the person. */
  readonly holderId: string;
  /** The last number that the client has seen. */
  readonly after: bigint | undefined;
  /** Whether whoever opened it still may: asked at each ping. */
  readonly mayStay: () => Promise<boolean>;
}
