/** Where a file lies between its transfer and its reading: files of this machine, or a store of objects. */
export interface ObjectStore {
  /** Keeps a copy of the file under the key, whole or not at all. */
  put(key: string, path: string): Promise<void>;
  /** The object as a file, for as long as `work` lasts. Undefined: there is none. */
  withFile<T>(key: string, work: (path: string) => Promise<T>): Promise<T | undefined>;
  /** Harmless when it is gone. */
  remove(key: string): Promise<void>;
}
