/**
 * POST /v3/list-calls: filters and cursor pagination as in `CallListParams` of retell-sdk 5.66.1. A filter that the
 * fake does not know is refused: ignoring it would answer with other people's calls.
 */
import { readMatcher } from './list-matchers.ts';
import type { FakeCall, Json } from './types.ts';
import { presentListed } from './present.ts';
import { asJson, keep, parseJson } from './validate.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** A call under test; shown as JSON only when a filter looks there: a look-up by attempt passes over every call. */
interface Candidate {
  readonly metadata: Json | undefined;
  readonly shown: () => Json;
}

type Test = (candidate: Candidate) => boolean;

/** The answer, or undefined for a request that Retell would refuse with a 400. */
export function listCalls(calls: Iterable<FakeCall>, rawBody: string): Json | undefined {
  const body = asJson(rawBody === '' ? {} : parseJson(rawBody));
  const tests = body === undefined ? undefined : readFilters(body['filter_criteria'] ?? {});
  const page = body === undefined ? undefined : readPage(body);
  if (body === undefined || tests === undefined || page === undefined) return undefined;

  const direction = page.ascending ? 1 : -1;
  const matching = [...calls]
    .filter((call) => {
      const candidate = { metadata: call.request.metadata, shown: () => presentListed(call) };
      return tests.every((test) => test(candidate));
    })
    .toSorted((a, b) => direction * compareKeys(keyOf(a), keyOf(b)));
  const after = page.after;
  const rest =
    after === undefined ? matching : matching.filter((c) => direction * compareKeys(keyOf(c), after) > 0);
  const items = rest.slice(page.skip, page.skip + page.limit);
  const last = items.at(-1);
  const hasMore = rest.length > page.skip + page.limit;
  return {
    items: items.map(presentListed),
    has_more: hasMore,
    ...(hasMore && last !== undefined ? { pagination_key: toCursor(keyOf(last)) } : {}),
    ...(body['include_total'] === true ? { total: matching.length } : {}),
  };
}

/** Sorted by start; a call without one by when it was placed. The POST's number breaks ties. */
type SortKey = readonly [atMs: number, postSeq: number];

function keyOf(call: FakeCall): SortKey {
  // Not the moving `answeredAtMs`: a call picked up between two pages would be listed twice or never.
  return [call.placedAtMs, call.postSeq];
}

function compareKeys(a: SortKey, b: SortKey): number {
  return a[0] - b[0] || a[1] - b[1];
}

function toCursor(key: SortKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function fromCursor(cursor: string): SortKey | undefined {
  const key = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!Array.isArray(key)) return undefined;
  const [atMs, seq]: unknown[] = key;
  return typeof atMs === 'number' && typeof seq === 'number' ? [atMs, seq] : undefined;
}

interface Page {
  readonly limit: number;
  readonly skip: number;
  readonly ascending: boolean;
  readonly after?: SortKey;
}

function readPage(body: Json): Page | undefined {
  const { limit = DEFAULT_LIMIT, skip = 0, sort_order: order = 'descending', pagination_key: cursor } = body;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    return undefined;
  if (typeof skip !== 'number' || !Number.isInteger(skip) || skip < 0) return undefined;
  if (order !== 'ascending' && order !== 'descending') return undefined;
  const after = typeof cursor === 'string' ? fromCursor(cursor) : undefined;
  if (cursor !== undefined && after === undefined) return undefined;
  return { limit, skip, ascending: order === 'ascending', ...keep('after', after) };
}

/** Where a filter looks: a field of the call, or the object in which its `key` names the field. */
const FIELDS: Readonly<Record<string, (call: Json) => unknown>> = {
  agent_tag: (call) => call['agent_tag'],
  batch_call_id: (call) => call['batch_call_id'],
  call_id: (call) => call['call_id'],
  call_status: (call) => call['call_status'],
  call_successful: (call) => asJson(call['call_analysis'])?.['call_successful'],
  call_type: (call) => call['call_type'],
  combined_cost: (call) => asJson(call['call_cost'])?.['combined_cost'],
  data_storage_setting: (call) => call['data_storage_setting'],
  direction: (call) => call['direction'],
  disconnection_reason: (call) => call['disconnection_reason'],
  duration_ms: (call) => call['duration_ms'],
  end_timestamp: (call) => call['end_timestamp'],
  from_number: (call) => call['from_number'],
  in_voicemail: (call) => asJson(call['call_analysis'])?.['in_voicemail'],
  start_timestamp: (call) => call['start_timestamp'],
  to_number: (call) => call['to_number'],
  user_sentiment: (call) => asJson(call['call_analysis'])?.['user_sentiment'],
};

const KEYED_FIELDS: Readonly<Record<string, (candidate: Candidate) => unknown>> = {
  metadata: ({ metadata }) => metadata,
  dynamic_variables: ({ shown }) => shown()['retell_llm_dynamic_variables'],
  custom_analysis_data: ({ shown }) => asJson(shown()['call_analysis'])?.['custom_analysis_data'],
  custom_attributes: () => undefined,
};

/** `registered` is no value of the status filter (facts/voice.md §0.2). */
const STATUSES: readonly unknown[] = ['not_connected', 'ongoing', 'ended', 'error'];

function readFilters(raw: unknown): Test[] | undefined {
  const criteria = asJson(raw);
  if (criteria === undefined) return undefined;
  const tests: Test[] = [];
  for (const [name, value] of Object.entries(criteria)) {
    if (value === undefined) continue;
    const found = readCriterion(name, value);
    if (found === undefined) return undefined;
    tests.push(...found);
  }
  return tests;
}

function readCriterion(name: string, value: unknown): Test[] | undefined {
  if (name === 'agent') return readAgents(value);
  const field = FIELDS[name];
  if (field !== undefined) {
    const filter = asJson(value);
    const matches = readMatcher(filter);
    const statuses = name === 'call_status' ? filter?.['value'] : [];
    const known = Array.isArray(statuses) && statuses.every((status) => STATUSES.includes(status));
    return matches === undefined || !known ? undefined : [({ shown }) => matches(field(shown()))];
  }
  const keyed = KEYED_FIELDS[name];
  if (keyed === undefined || !Array.isArray(value)) return undefined;
  const tests: Test[] = [];
  for (const entry of value) {
    const filter = asJson(entry);
    const key = filter?.['key'];
    const matches = readMatcher(filter);
    if (matches === undefined || typeof key !== 'string') return undefined;
    tests.push((candidate) => matches(asJson(keyed(candidate))?.[key]));
  }
  return tests;
}

function readAgents(value: unknown): Test[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const agents = value.map(asJson);
  if (agents.some((agent) => typeof agent?.['agent_id'] !== 'string')) return undefined;
  return [
    ({ shown }) => {
      const call = shown();
      return agents.some((agent) => {
        const versions = agent?.['version'];
        const anyVersion = !Array.isArray(versions) || versions.length === 0;
        return (
          agent?.['agent_id'] === call['agent_id'] && (anyVersion || versions.includes(call['agent_version']))
        );
      });
    },
  ];
}
