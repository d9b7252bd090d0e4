import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectBody, ObjectStore } from '../../../domain/shared/object-port.ts';
import { TooManyBytes } from '../../../storage/measured.ts';
import { openStore, type StorageSettings } from '../../../storage/open.ts';
import { type S3Gateway, startS3Gateway } from '../../support/s3-gateway.ts';

/** A machine that has no store yet builds it: minutes, once. */
const buildMs = 900_000;

let folder: string;
let gateway: S3Gateway;
let settings: Readonly<Record<'files' | 's3', StorageSettings>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandas-objects-'));
  gateway = await startS3Gateway();
  settings = {
    files: { kind: 'files', folder: join(folder, 'store') },
    s3: { kind: 's3', ...gateway.settings },
  };
}, buildMs);
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

/** More than one part of an upload in parts, and less. */
const sizes = [0, 1, 70_000, 5 * 1024 * 1024, 12_000_001] as const;
const most = 64 * 1024 * 1024;

async function* inPieces(bytes: Uint8Array, piece = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

/** Breaks off behind its bytes, as a connection does. */
async function* broken(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* inPieces(bytes);
  throw new Error('broken off');
}

async function all(body: ObjectBody | undefined): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? inPieces(new Uint8Array())) parts.push(part);
  return Buffer.concat(parts);
}

async function keysOf(store: ObjectStore, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.toSorted();
}

/** A process that writes an object without end: killed in the middle of it. */
async function killedWriter(of: StorageSettings, key: string): Promise<void> {
  const script = fileURLToPath(new URL('endless-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(of), key], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe.each(['files', 's3'] as const)('a store of %s', (kind) => {
  let store: ObjectStore;
  beforeAll(() => {
    store = openStore(settings[kind]);
  });

  it('keeps what came, of any size, and says how much and what it was', async () => {
    for (const size of sizes) {
      const bytes = randomBytes(size);
      const key = `kept/${size}`;
      const kept = await store.write(key, inPieces(bytes), most);
      expect(kept).toEqual({ bytes: size, sha256: createHash('sha256').update(bytes).digest('hex') });
      expect(await store.sizeOf(key)).toBe(size);
      const found = await store.read(key);
      expect(found?.bytes).toBe(size);
      expect((await all(found?.body)).equals(bytes)).toBe(true);
    }
    expect(await keysOf(store, 'kept')).toEqual(sizes.map((size) => `kept/${size}`).toSorted());
  });

  it('gives a part of an object with the size of the whole', async () => {
    await store.write('ranges/a', inPieces(Buffer.from('0123456789')), most);
    const found = await store.read('ranges/a', { from: 2, to: 4 });
    expect(found?.bytes).toBe(10);
    expect((await all(found?.body)).toString()).toBe('234');
    const last = await store.read('ranges/a', { from: 9, to: 9 });
    expect((await all(last?.body)).toString()).toBe('9');
  });

  it('keeps a copy of a file, and gives it back as one for as long as it is worked with', async () => {
    const path = join(folder, 'sent');
    await writeFile(path, 'sent');
    await store.put('imports/a/b', path);
    await rm(path);
    let lent = '';
    const text = await store.withFile('imports/a/b', (file) => {
      lent = file;
      return readFile(file, 'utf8');
    });
    expect(text).toBe('sent');
    // What belongs to the store stays, and what was fetched from it is gone.
    expect(
      await stat(lent).then(
        () => true,
        () => false,
      ),
    ).toBe(kind === 'files');
    if (kind === 'files') expect((await stat(lent)).mode & 0o777).toBe(0o600);
  });

  it('replaces an object as a whole', async () => {
    await store.write('again/a', inPieces(Buffer.from('a long first one')), most);
    await store.write('again/a', inPieces(Buffer.from('short')), most);
    expect((await all((await store.read('again/a'))?.body)).toString()).toBe('short');
    const failing = store.write('again/a', broken(Buffer.from('half')), most);
    await expect(failing).rejects.toThrow('broken off');
    expect((await all((await store.read('again/a'))?.body)).toString()).toBe('short');
  });

  it.each([10, 11_000_000])('shows nothing of %i bytes that break off, nor while they come', async (size) => {
    const key = `broken/${size}`;
    let seen: number | undefined = 0;
    async function* watched(): AsyncGenerator<Uint8Array> {
      yield* inPieces(randomBytes(size));
      seen = await store.sizeOf(key);
      throw new Error('broken off');
    }
    await expect(store.write(key, watched(), most)).rejects.toThrow('broken off');
    expect(seen).toBeUndefined();
    expect(await store.sizeOf(key)).toBeUndefined();
    // Of what was refused nothing is left to sweep, either.
    expect(await store.removeUnfinished(new Date(Date.now() + 3_600_000))).toBe(0);
  });

  it.each([1_000, 6_000_000])('takes %i bytes where so many are allowed, and not one more', async (size) => {
    const bytes = randomBytes(size);
    const key = `bounded/${size}`;
    await expect(store.write(key, inPieces(bytes), size - 1)).rejects.toBeInstanceOf(TooManyBytes);
    expect(await store.sizeOf(key)).toBeUndefined();
    expect(await store.write(key, inPieces(bytes), size)).toMatchObject({ bytes: size });
  });

  it('knows what it has not: no file, no part, no size, and nothing to remove', async () => {
    expect(await store.withFile('none/a', () => Promise.resolve('x'))).toBeUndefined();
    expect(await store.read('none/a')).toBeUndefined();
    expect(await store.read('none/a', { from: 0, to: 1 })).toBeUndefined();
    expect(await store.sizeOf('none/a')).toBeUndefined();
    // The beginning of another key is none.
    await store.write('none/abc', inPieces(Buffer.from('x')), most);
    expect(await store.sizeOf('none/ab')).toBeUndefined();
    await store.remove('none/a');
    expect(await keysOf(store, 'nobody')).toEqual([]);
  });

  it('removes once and for all, and again', async () => {
    await store.write('removed/a', inPieces(Buffer.from('x')), most);
    await store.remove('removed/a');
    expect(await store.sizeOf('removed/a')).toBeUndefined();
    await store.remove('removed/a');
  });

  it.each(['', '../a', 'a/../b', '/a', 'a/', 'a//b', 'A', 'a.b', 'á', 'a\u0000', 'a'.repeat(501)])(
    'takes no key such as "%s"',
    async (key) => {
      await expect(async () => store.write(key, inPieces(Buffer.from('x')), most)).rejects.toThrow('no key');
      await expect(async () => store.read(key)).rejects.toThrow('no key');
      await expect(async () => store.remove(key)).rejects.toThrow('no key');
      await expect(async () => store.sizeOf(key)).rejects.toThrow('no key');
    },
  );

  it('has nothing of a writer that was killed half-way, and what it left is swept when it is old enough', async () => {
    await killedWriter(settings[kind], 'killed/a');
    expect(await store.sizeOf('killed/a')).toBeUndefined();
    expect(await keysOf(store, 'killed')).toEqual([]);
    // Somebody may be writing it now.
    expect(await store.removeUnfinished(new Date(Date.now() - 3_600_000))).toBe(0);
    expect(await store.removeUnfinished(new Date(Date.now() + 3_600_000))).toBe(1);
    expect(await store.removeUnfinished(new Date(Date.now() + 3_600_000))).toBe(0);
    await store.write('killed/a', inPieces(Buffer.from('x')), most);
    expect(await store.sizeOf('killed/a')).toBe(1);
  });
});

describe('a store that is away', () => {
  it('says so: a folder that cannot be made', async () => {
    const path = join(folder, 'no-folder');
    await writeFile(path, '');
    const store = openStore({ kind: 'files', folder: join(path, 'store') });
    expect(await store.isThere()).toBe(false);
    await expect(store.write('a/b', inPieces(Buffer.from('x')), most)).rejects.toThrow();
    expect(await openStore(settings.files).isThere()).toBe(true);
  });

  it.each([
    ['secret', { secret: 'another' }],
    ['key', { keyId: 'nobody' }],
    ['bucket', { bucket: 'no-such-bucket' }],
  ])('says so: a bucket that takes no such %s', async (_name, wrong) => {
    const store = openStore({ kind: 's3', ...gateway.settings, ...wrong });
    expect(await store.isThere()).toBe(false);
    await expect(store.write('a/b', inPieces(Buffer.from('x')), most)).rejects.toThrow();
    // Not "there is none": an import would be given up for it.
    await expect(store.sizeOf('a/b')).rejects.toThrow();
    await expect(store.withFile('a/b', () => Promise.resolve())).rejects.toThrow();
  });

  it('says so: a bucket whose server is gone; and has everything again when it is back', async () => {
    const store = openStore(settings.s3);
    await store.write('gone/a', inPieces(Buffer.from('kept')), most);
    expect(await store.isThere()).toBe(true);
    await gateway.kill();
    expect(await store.isThere()).toBe(false);
    await expect(store.write('gone/b', inPieces(Buffer.from('x')), most)).rejects.toThrow();
    await expect(store.read('gone/a')).rejects.toThrow();
    await gateway.start();
    expect(await store.isThere()).toBe(true);
    expect((await all((await store.read('gone/a'))?.body)).toString()).toBe('kept');
    expect(await store.sizeOf('gone/b')).toBeUndefined();
  });
});
