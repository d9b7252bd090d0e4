import { z } from 'zod';
import type { Place } from './place.ts';

/** The provider's own record of what it was asked and what rang: it knows nothing of our database. */
const postSchema = z.object({
  seq: z.number(),
  arrivedAtMs: z.number(),
  attemptId: z.string().optional(),
  toNumber: z.string().optional(),
  placed: z.boolean(),
  answer: z.union([z.number(), z.string()]).optional(),
  /** Still to be placed, after its connection has gone. */
  placeAtMs: z.number().optional(),
});
const callSchema = z.object({
  callId: z.string(),
  attemptId: z.string().optional(),
  outcome: z.string(),
  placedAtMs: z.number(),
  final: z.boolean(),
  call: z.object({
    to_number: z.string(),
    /** Undefined while it runs. */
    end_timestamp: z.number().optional(),
    /** Undefined when nobody picked up. */
    start_timestamp: z.number().optional(),
    call_cost: z.object({ total_duration_seconds: z.number() }).optional(),
    metadata: z.object({ contact_id: z.string() }).optional(),
  }),
});

export type Post = z.infer<typeof postSchema>;
export type Call = z.infer<typeof callSchema>;

export interface WitnessRecord {
  readonly posts: readonly Post[];
  readonly calls: readonly Call[];
}

export async function readWitness({ voice }: Pick<Place, 'voice'>): Promise<WitnessRecord> {
  const posts = z.array(postSchema).parse(await read(voice.url, 'posts'));
  const calls = z.array(callSchema).parse(await read(voice.url, 'calls'));
  return { posts, calls };
}

/** How long after its instant a call may still be placed: the fake is a busy process too. */
const placedLateMs = 3_000;

/** Nothing rings, and nothing is to be placed later. */
export function isQuiet({ posts, calls }: WitnessRecord, nowMs: number): boolean {
  const isOwed = ({ placed, placeAtMs = 0 }: Post): boolean => !placed && placeAtMs + placedLateMs > nowMs;
  return calls.every(({ final }) => final) && !posts.some(isOwed);
}

export async function addFaults(
  { voice }: Pick<Place, 'voice'>,
  faults: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const response = await fetch(`${voice.url}/_fake/faults`, { method: 'POST', body: JSON.stringify(faults) });
  if (!response.ok) throw new Error(`the provider refused the faults: ${await response.text()}`);
}

export async function clearFaults({ voice }: Pick<Place, 'voice'>): Promise<void> {
  await fetch(`${voice.url}/_fake/faults`, { method: 'DELETE' });
}

async function read(url: string, path: string): Promise<unknown> {
  const response = await fetch(`${url}/_fake/${path}`);
  if (!response.ok) throw new Error(`the provider's record could not be read: HTTP ${response.status}`);
  return response.json();
}
