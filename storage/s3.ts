import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  ListMultipartUploadsCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ObjectBody, ObjectStore } from '../domain/shared/object-port.ts';
import { checkedKey } from './keys.ts';
import { measured } from './measured.ts';

export interface S3Settings {
  /** Undefined: Amazon's own, by the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly bucket: string;
  readonly keyId: string;
  readonly secret: string;
}

/** The least that the protocol takes for a part. Two are held in memory at once, whatever is sent. */
const partBytes = 5 * 1024 * 1024;
const partsAtOnce = 2;
const connectMs = 3_000;
/** Without a byte: a request that hangs must not hold its place for ever. */
const silenceMs = 30_000;
/** How long the question may take whether it is there: somebody waits with a file. */
const askMs = 5_000;

/** Objects of one bucket of any store that speaks S3, by the path (`endpoint/bucket/key`). */
export function createS3Store({ endpoint, region, bucket, keyId, secret }: S3Settings): ObjectStore & {
  close(): void;
} {
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: true,
    credentials: { accessKeyId: keyId, secretAccessKey: secret },
    maxAttempts: 3,
    requestHandler: { connectionTimeout: connectMs, socketTimeout: silenceMs },
  });
  const of = (key: string) => ({ Bucket: bucket, Key: checkedKey(key) });
  const keep = async (key: string, body: ObjectBody): Promise<void> => {
    const upload = new Upload({
      client,
      params: { ...of(key), Body: Readable.from(body) },
      partSize: partBytes,
      queueSize: partsAtOnce,
      // What broke off is no object, and its parts cost no room.
      leavePartsOnError: false,
    });
    await upload.done();
  };
  const get = (key: string, range: string | undefined) =>
    client
      .send(new GetObjectCommand({ ...of(key), ...(range === undefined ? {} : { Range: range }) }))
      .catch(ofNothing);
  return {
    isThere: () =>
      client
        .send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: AbortSignal.timeout(askMs) })
        .then(
          () => true,
          () => false,
        ),
    put: (key, path) => keep(key, createReadStream(path)),
    async write(key, body, maxBytes) {
      const { body: counted, result } = measured(body, maxBytes);
      await keep(key, counted);
      return result();
    },
    async withFile(key, work) {
      const found = await get(key, undefined);
      if (found === undefined) return undefined;
      const folder = await mkdtemp(join(tmpdir(), 'tandas-object-'));
      try {
        const path = join(folder, 'object');
        const { body, result } = measured(bodyOf(found.Body), Number.MAX_SAFE_INTEGER);
        await pipeline(Readable.from(body), createWriteStream(path, { mode: 0o600 }));
        // A connection that ends early must not make a shorter file of it.
        const { bytes } = result();
        if (bytes !== found.ContentLength)
          throw new Error(`${key}: ${bytes} of ${String(found.ContentLength)} bytes came`);
        return await work(path);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async read(key, range) {
      const found = await get(key, range === undefined ? undefined : `bytes=${range.from}-${range.to}`);
      if (found === undefined) return undefined;
      const whole = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1];
      return { bytes: Number(whole ?? found.ContentLength), body: bodyOf(found.Body) };
    },
    async sizeOf(key) {
      // Not by a HEAD, whose 404 is the same for an object and for the bucket. A key comes first of those that begin with it.
      const { Bucket, Key } = of(key);
      const list = new ListObjectsV2Command({ Bucket, Prefix: Key, MaxKeys: 1 });
      const [first] = (await client.send(list)).Contents ?? [];
      return first?.Key === Key ? first.Size : undefined;
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand(of(key)));
    },
    async *list(prefix) {
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: `${checkedKey(prefix)}/`,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        );
        for (const { Key: key, LastModified: changedAt } of page.Contents ?? [])
          if (key !== undefined && changedAt !== undefined) yield { key, changedAt };
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    async removeUnfinished(before) {
      let removed = 0;
      let markers: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } = {};
      for (;;) {
        const page = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...markers }));
        for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
          if (Key === undefined || UploadId === undefined || Initiated === undefined || Initiated >= before)
            continue;
          const abort = new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId });
          await client.send(abort).catch(ofNothing);
          removed += 1;
        }
        const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
        if (page.IsTruncated !== true || KeyMarker === undefined) return removed;
        markers = { KeyMarker, ...(UploadIdMarker === undefined ? {} : { UploadIdMarker }) };
      }
    },
    close: () => client.destroy(),
  };
}

function bodyOf(body: unknown): ObjectBody {
  if (body instanceof Readable) return body;
  throw new Error('the store answered without a body');
}

const absent = new Set(['NoSuchKey', 'NotFound', 'NoSuchUpload']);

/** Undefined for what is not there. That the bucket is missing is no "none". */
function ofNothing(error: unknown): undefined {
  if (error instanceof S3ServiceException && absent.has(error.name)) return undefined;
  throw error;
}
