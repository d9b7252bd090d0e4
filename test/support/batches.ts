import { z } from 'zod';
import { debtorsForm } from './api.ts';
import { type OwnProcesses, quickWaves } from './own-processes.ts';
import { until } from './live-world.ts';

const importSchema = z.object({ import_id: z.string() });
const batchSchema = z.object({ id: z.string() });
const contactsSchema = z.object({ contacts: z.array(z.object({ attempts: z.number() })) });

type Api = Pick<OwnProcesses, 'apiUrl' | 'apiKey'>;

async function post(api: Api, path: string, body: FormData | object): Promise<unknown> {
  const isForm = body instanceof FormData;
  const response = await fetch(`${api.apiUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${api.apiKey}`,
      ...(isForm ? {} : { 'content-type': 'application/json' }),
    },
    body: isForm ? body : JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (response.status !== 201) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** Uploads a file over HTTP and starts its batch under `quickWaves`, as an operator does. Returns the batch's id. */
export async function startBatch(api: Api, form: FormData): Promise<string> {
  const { import_id } = importSchema.parse(await post(api, '/api/v1/imports', form));
  const request = { import_id, name: 'Prueba', policy: quickWaves.key, pack: 'demo' };
  return batchSchema.parse(await post(api, '/api/v1/batches', request)).id;
}

/** The same with invented debtors, until each has been called once. */
export async function workBatch(api: Api, seed: string, people: number): Promise<string> {
  const batchId = await startBatch(api, debtorsForm(people, seed));
  await until(
    'everybody has been called',
    async () => {
      const response = await fetch(`${api.apiUrl}/api/v1/contacts?batch_id=${batchId}`, {
        headers: { authorization: `Bearer ${api.apiKey}` },
      });
      const { contacts } = contactsSchema.parse(await response.json());
      return contacts.length === people && contacts.every(({ attempts }) => attempts > 0);
    },
    240_000,
  );
  return batchId;
}
