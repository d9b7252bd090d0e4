/** Bytes of an object, as they come. */
export type ObjectBody = AsyncIterable<Uint8Array>;

export interface ReadObject {
  /** Of the whole object. */
  readonly bytes: number;
  /** Of the part that was asked for. Whoever does not read it to its end must end it (`for await` does). */
  readonly body: ObjectBody;
}

export interface ListedObject {
  readonly key: string;
  readonly changedAt: Date;
}

/**
 * Where files lie: on this machine, or in a store of objects. A key is words of a-z, 0-9 and `-` between slashes. An object is
 * whole or not there: nobody meets the half of one. Throws when the store is away: that is not "none".
 */
export interface ObjectStore {
  /** Whether it can be written to now. Never throws: asked before something is taken that could not be kept. */
  isThere(): Promise<boolean>;
  /** Keeps a copy of the file under the key. */
  put(key: string, path: string): Promise<void>;
  /** Keeps what comes, `maxBytes` at most. What breaks off or is longer is thrown, and is not there. */
  write(
    key: string,
    body: ObjectBody,
    maxBytes: number,
  ): Promise<{ readonly bytes: number; readonly sha256: string }>;
  /** The object as a file, for as long as `work` lasts. Undefined: there is none. */
  withFile<T>(key: string, work: (path: string) => Promise<T>): Promise<T | undefined>;
  /** Its bytes from `from` to `to`, both counted; all of them where no range is given. Undefined: there is none. */
  read(key: string, range?: { readonly from: number; readonly to: number }): Promise<ReadObject | undefined>;
  /** Undefined: there is none. */
  sizeOf(key: string): Promise<number | undefined>;
  /** Harmless when it is gone. */
  remove(key: string): Promise<void>;
  /** Objects whose keys begin with these words and a slash, in no order. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Removes what writers that died have begun and not ended before an instant; returns how many. */
  removeUnfinished(before: Date): Promise<number>;
}
