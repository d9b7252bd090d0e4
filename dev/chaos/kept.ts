import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const schema = z.array(
  z.object({
    seed: z.number().int().positive(),
    profile: z.enum(['full', 'small']),
    /** What it found then, and what was done about it. */
    found: z.string().min(10),
  }),
);

export type KeptSeed = z.infer<typeof schema>[number];

/** Seeds that failed once: they are run again by `npm run chaos -- --kept`, the small ones by the tests as well. */
export async function keptSeeds(): Promise<readonly KeptSeed[]> {
  const file = new URL('./failing-seeds.json', import.meta.url);
  return schema.parse(JSON.parse(await readFile(file, 'utf8')));
}
