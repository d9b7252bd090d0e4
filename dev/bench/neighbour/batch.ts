import { openAsBlob } from 'node:fs';
import { z } from 'zod';
import type { UploadPlace } from '../upload/processes.ts';

const importSchema = z.object({ import_id: z.string(), state: z.literal('stored') });

/** A batch of the first account, of a file's people, as a customer makes it. */
export async function batchOfFile(
  { apiUrl, apiKeys: [key] }: UploadPlace,
  { file, policy, groupSize }: { readonly file: string; readonly policy: string; readonly groupSize: number },
): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, prefer: 'wait=60' };
  const body = new FormData();
  body.append('file', await openAsBlob(file), 'personas.csv');
  const stored = await fetch(`${apiUrl}/api/v1/imports`, { method: 'POST', headers, body });
  const { import_id } = importSchema.parse(await stored.json());
  const batch = { import_id, name: 'Prueba', pack: 'demo', policy, group_size: groupSize };
  const made = await fetch(`${apiUrl}/api/v1/batches`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(batch),
  });
  if (made.status !== 201) throw new Error(`the batch was refused: ${await made.text()}`);
}
