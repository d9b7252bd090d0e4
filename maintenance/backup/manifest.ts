import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const manifestSchema = z.object({
  format: z.literal(1),
  /** By the database's clock: nothing later is in the copy. */
  takenAt: z.iso.datetime(),
  lastMigration: z.string(),
  tables: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.string()),
      rows: z.number(),
      file: z.string(),
      sha256: z.string(),
    }),
  ),
});

/** What a copy holds, written last: a folder without it is a copy that was not finished. */
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestFile = 'manifest.json';

export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new Error(`${folder} holds no finished copy: there is no ${manifestFile} in it`);
  return manifestSchema.parse(JSON.parse(text));
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
