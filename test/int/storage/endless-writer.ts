/** Writes an object that does not end, and says so once more than a part of it has gone out. Its test kills it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { openStore } from '../../../storage/open.ts';

const settingsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('files'), folder: z.string() }),
  z.object({
    kind: z.literal('s3'),
    endpoint: z.string(),
    region: z.string(),
    bucket: z.string(),
    keyId: z.string(),
    secret: z.string(),
  }),
]);
const [, , settings = '', key = ''] = process.argv;

async function* endless(): AsyncGenerator<Uint8Array> {
  for (let sent = 0; ; sent += 1) {
    if (sent === 20) console.log('under way');
    if (sent > 20) await sleep(10);
    yield new Uint8Array(1024 * 1024);
  }
}

await openStore(settingsSchema.parse(JSON.parse(settings))).write(key, endless(), Number.MAX_SAFE_INTEGER);
