import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePorts } from '../../dev/stack/ports.ts';
import { findVersitygw } from '../../dev/stack/versitygw.ts';
import type { S3Settings } from '../../storage/s3.ts';

/** A real store of objects in a folder of its own. */
export interface S3Gateway {
  readonly settings: S3Settings;
  /** Ends it as a power cut would; `start` brings it back over the same folder. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Longest wait for its first answer, on a busy machine. */
const startMs = 60_000;

/** Builds the store when this machine has none: minutes, once. */
export async function startS3Gateway(): Promise<S3Gateway> {
  const binary = await findVersitygw(process.env, (words) => console.log(words));
  const folder = await mkdtemp(join(tmpdir(), 'tandas-s3-'));
  const [data, sidecar] = [join(folder, 'data'), join(folder, 'sidecar')];
  await Promise.all([data, sidecar].map((path) => mkdir(path)));
  const [port = 0] = await freePorts(1);
  const settings: S3Settings = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    bucket: 'tandas-test',
    keyId: 'tandas',
    secret: 'secret-of-tests',
  };
  let child: ChildProcess | undefined;
  const gateway: S3Gateway = {
    settings,
    async start() {
      const keys = ['--access', settings.keyId, '--secret', settings.secret];
      // Not `--nometa`: it breaks uploads in parts.
      const args = [...keys, '--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', sidecar, data];
      child = spawn(binary, args, { stdio: 'ignore' });
      const untilMs = Date.now() + startMs;
      while (!(await answers(settings))) {
        if (child.exitCode !== null) throw new Error(`versitygw ended with code ${child.exitCode}`);
        if (Date.now() > untilMs) throw new Error('versitygw does not answer');
        await sleep(50);
      }
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    async close() {
      await gateway.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await gateway.start();
  await makeBucket(settings);
  return gateway;
}

async function answers({ endpoint = '' }: S3Settings): Promise<boolean> {
  const response = await fetch(endpoint).catch(() => undefined);
  await response?.body?.cancel();
  return response !== undefined;
}

async function makeBucket({ endpoint = '', region, bucket, keyId, secret }: S3Settings): Promise<void> {
  const credentials = { accessKeyId: keyId, secretAccessKey: secret };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
}
