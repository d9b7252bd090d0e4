import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import { LOGIC_VERSION, OLDEST_LOGIC_VERSION } from '../../domain/contacts/rules/logic-version.ts';
import * as workflows from '../../workflows/index.ts';
import { bundlePath } from '../support/world.ts';
import { workflowBundle } from '../support/temporal.ts';

const folder = fileURLToPath(new URL('./histories', import.meta.url));
const mutantPath = fileURLToPath(new URL('./mutant/index.ts', import.meta.url));

interface Recorded {
  readonly name: string;
  readonly type: string;
  readonly json: string;
}

function recorded(): readonly Recorded[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json.gz'))
    .map((name) => ({
      name,
      type: name.split('/')[0] ?? '',
      json: gunzipSync(readFileSync(join(folder, name))).toString('utf8'),
    }));
}

const histories = recorded();

async function replay({ json, name }: Recorded, path: string): Promise<void> {
  await Worker.runReplayHistory(
    { workflowBundle: await workflowBundle(path) },
    historyFromJSON(JSON.parse(json)),
    name,
  );
}

describe('recorded histories', () => {
  it('are there for every workflow', () => {
    expect(new Set(histories.map(({ type }) => type))).toEqual(new Set(Object.keys(workflows)));
  });

  for (const history of histories) {
    it(`${history.name} replays against this code`, () => replay(history, bundlePath));
  }

  it('do not replay when the order of commands is another', async () => {
    const contacts = histories.filter(({ type }) => type === 'contact');
    for (const history of contacts) {
      await expect(replay(history, mutantPath)).rejects.toThrow(DeterminismViolationError);
    }
  });
});

describe('a contact of newer logic', () => {
  it('is not gone on with by a worker that does not know it, and nothing else is made of it', async () => {
    const [known] = histories.filter(({ name }) => name.startsWith(`contact/v${OLDEST_LOGIC_VERSION}/`));
    if (known === undefined) throw new Error('no contact of the oldest version is on record');
    const newer = {
      ...known,
      json: known.json.replace(openedBy(OLDEST_LOGIC_VERSION), openedBy(LOGIC_VERSION + 1)),
    };
    expect(newer.json).not.toBe(known.json);
    await expect(replay(newer, bundlePath)).rejects.toThrow(/knows version \d+ of the logic/);
  });
});

describe('the rule that came with version 5', () => {
  it.each([
    [4, 5],
    [5, 4],
  ])(
    'a contact of version %i that met it replays, and would not by the rule of version %i',
    async (own, other) => {
      const met = histories.filter(({ name }) => name.startsWith(`contact/v${own}/refused-number-`));
      expect(met).not.toEqual([]);
      for (const history of met) {
        const mutant = { ...history, json: history.json.replace(openedBy(own), openedBy(other)) };
        expect(mutant.json).not.toBe(history.json);
        await expect(replay(mutant, bundlePath)).rejects.toThrow(DeterminismViolationError);
      }
    },
  );
});

describe('the rule that came with version 6', () => {
  it.each([
    [5, 6],
    [6, 5],
  ])(
    'a contact of version %i that has ended replays, and would not by the rule of version %i',
    async (own, other) => {
      // Of one that was paused or suspended the end was told before, too: as many events, of another content.
      const told = { 5: 0, 6: 1 }[own];
      const ended = histories.filter(
        ({ name, json }) =>
          name.startsWith(`contact/v${own}/contact-`) &&
          json.includes('WORKFLOW_EXECUTION_COMPLETED') &&
          json.split('UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"').length - 1 === told,
      );
      expect(ended).not.toEqual([]);
      for (const history of ended) {
        const mutant = { ...history, json: history.json.replace(openedBy(own), openedBy(other)) };
        expect(mutant.json).not.toBe(history.json);
        await expect(replay(mutant, bundlePath)).rejects.toThrow(DeterminismViolationError);
      }
    },
  );
});

/** How the payload of a first activity begins, in base64: as many letters as are whole bytes of what does not change. */
function openedBy(version: number): string {
  return Buffer.from(`{"logicVersion":${version},"`).toString('base64').slice(0, 24);
}

describe('what a recorded history may hold', () => {
  it('is ids, instants and words: no name, phone, national id, amount or machine', () => {
    for (const { name, json } of histories) {
      for (const text of [withoutPayloads(json), ...payloadsOf(JSON.parse(json))]) {
        expect(text, name).not.toMatch(/\+56|\b569\d{8}\b/);
        expect(text, name).not.toMatch(/\b\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]\b/);
        expect(text, name).not.toMatch(/"identity":\s*"(?!worker")/);
      }
    }
  });

  it('is no field for a name, a phone or an amount', () => {
    for (const { name, json } of histories) {
      for (const text of payloadsOf(JSON.parse(json))) {
        expect(text, name).not.toMatch(
          /\$\s?\d|"(monto\w*|amount\w*|deuda\w*|nombre|name|rut|telefono|phone|e164|variables)":/i,
        );
      }
    }
  });

  it('has something to look at in every history', () => {
    for (const { name, json } of histories)
      expect(payloadsOf(JSON.parse(json)).length, name).toBeGreaterThan(0);
  });
});

/** Base64 can spell anything by chance: what it holds is looked at decoded. */
function withoutPayloads(json: string): string {
  return json.replace(/"data":\s*"[^"]*"/g, '"data": ""');
}

/** Every payload's content, decoded from its base64. */
function payloadsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => payloadsOf(item));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) =>
    key === 'data' && typeof item === 'string'
      ? [Buffer.from(item, 'base64').toString('utf8')]
      : payloadsOf(item),
  );
}
