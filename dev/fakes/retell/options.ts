/** The fake's settings: options of `createFakeRetell`, and the environment of the process. */
import type { KnownPerson } from './agent.ts';
import { DEFAULT_PATTERNS } from './outcomes.ts';
import type { OutcomeName, OutcomeScript } from './outcomes.ts';
import type { MsRange } from './random.ts';
import { keep } from './validate.ts';

export interface FakeRetellOptions {
  /** Bearer key of the API and key of the signatures, as at Retell. */
  readonly apiKey: string;
  /** Where webhooks go when the call names no `webhook_url`; `{account_id}` comes from the call's metadata. */
  readonly webhookUrl?: string;
  /** Where in-call functions are sent; same template. None: agents call no function. */
  readonly functionUrl?: string;
  /** What whoever answers at a number knows of themselves. Default: nobody knows anything. */
  readonly personOf?: (toNumber: string) => Promise<KnownPerson | undefined>;
  readonly seed?: string;
  readonly outcomeMode?: 'seeded' | 'pattern';
  readonly patterns?: Readonly<Record<string, OutcomeScript>>;
  /** Weights of the seeded mix; an outcome that is not named keeps its own. */
  readonly weights?: Readonly<Partial<Record<OutcomeName, number>>>;
  /** Default 20, a workspace's limit at Retell. */
  readonly concurrencyLimit?: number;
  readonly ringMs?: MsRange;
  readonly talkMs?: MsRange;
  /** From the end of the call to `call_analyzed`. */
  readonly analysisMs?: MsRange;
  /** Multiplies every span of a call, also the caller's ring and longest duration. Default 1. */
  readonly timeScale?: number;
  /** Default 10 s, as Retell. */
  readonly webhookTimeoutMs?: number;
  /** Waits before the retries of a webhook; their number is the number of retries. Default three. */
  readonly webhookRetryDelaysMs?: readonly number[];
  /** Shares (0 to 1) of webhooks that are sent twice, swapped, or never. Default 0. */
  readonly duplicateShare?: number;
  readonly reorderShare?: number;
  readonly loseShare?: number;
  /** Share of `call_ended` events that say `call_status: "registered"`. Default 0.25. */
  readonly registeredInEndedShare?: number;
  /** When given, any other `from_number` is a 422, as a number that was not imported. */
  readonly fromNumbers?: readonly string[];
  /** Append-only JSON lines; with it a restarted fake knows its calls. */
  readonly stateFile?: string;
  /** One line per thing that happened; ids only. Default: silent. */
  readonly log?: (line: string) => void;
}

export type Settings = Required<
  Omit<FakeRetellOptions, 'webhookUrl' | 'functionUrl' | 'fromNumbers' | 'stateFile'>
> & {
  /** Mutable on purpose: a test knows its receiver's port only after the fake has one. */
  webhookUrl: string | undefined;
  functionUrl: string | undefined;
  /** Its own address, once it listens. */
  mediaUrl: string | undefined;
  readonly fromNumbers: readonly string[] | undefined;
  readonly stateFile: string | undefined;
};

export function resolveOptions(options: FakeRetellOptions): Settings {
  return {
    seed: 'tandas',
    outcomeMode: 'seeded',
    patterns: DEFAULT_PATTERNS,
    weights: {},
    concurrencyLimit: 20,
    ringMs: { min: 4000, max: 25_000 },
    talkMs: { min: 15_000, max: 120_000 },
    analysisMs: { min: 2000, max: 8000 },
    timeScale: 1,
    webhookTimeoutMs: 10_000,
    webhookRetryDelaysMs: [1000, 2000, 4000],
    duplicateShare: 0,
    reorderShare: 0,
    loseShare: 0,
    registeredInEndedShare: 0.25,
    log: () => {},
    personOf: () => Promise.resolve(undefined),
    webhookUrl: undefined,
    functionUrl: undefined,
    mediaUrl: undefined,
    fromNumbers: undefined,
    stateFile: undefined,
    ...options,
  };
}

export interface ProcessSettings {
  readonly port: number;
  readonly host: string;
  readonly options: FakeRetellOptions;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Reads the environment of `server.ts`; throws with the variable's name when a value makes no sense. */
export function optionsFromEnv(env: Env): ProcessSettings {
  const apiKey = env['FAKE_RETELL_API_KEY'];
  if (apiKey === undefined || apiKey === '') throw new Error('FAKE_RETELL_API_KEY is not set');
  const mode = env['FAKE_RETELL_OUTCOMES'] ?? 'seeded';
  if (mode !== 'seeded' && mode !== 'pattern') {
    throw new Error(`FAKE_RETELL_OUTCOMES is "seeded" or "pattern", not "${mode}"`);
  }
  const options: FakeRetellOptions = {
    apiKey,
    outcomeMode: mode,
    ...given('webhookUrl', env['FAKE_RETELL_WEBHOOK_URL']),
    ...given('functionUrl', env['FAKE_RETELL_FUNCTION_URL']),
    ...given('seed', env['FAKE_RETELL_SEED']),
    ...given('stateFile', env['FAKE_RETELL_STATE_FILE']),
    ...given('concurrencyLimit', readNumber(env, 'FAKE_RETELL_CONCURRENCY')),
    ...given('timeScale', readNumber(env, 'FAKE_RETELL_TIME_SCALE')),
    ...given('duplicateShare', readNumber(env, 'FAKE_RETELL_DUPLICATE_SHARE')),
    ...given('reorderShare', readNumber(env, 'FAKE_RETELL_REORDER_SHARE')),
    ...given('loseShare', readNumber(env, 'FAKE_RETELL_LOSE_SHARE')),
    ...given('ringMs', readRange(env, 'FAKE_RETELL_RING_MS')),
    ...given('talkMs', readRange(env, 'FAKE_RETELL_TALK_MS')),
    ...given('analysisMs', readRange(env, 'FAKE_RETELL_ANALYSIS_MS')),
  };
  return {
    port: readNumber(env, 'FAKE_RETELL_PORT') ?? 8787,
    host: env['FAKE_RETELL_HOST'] ?? '127.0.0.1',
    options,
  };
}

/** Set and not empty. */
function given<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return keep(key, value === '' ? undefined : value);
}

function readNumber(env: Env, name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is not a number from 0: "${text}"`);
  return value;
}

function readRange(env: Env, name: string): MsRange | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const match = /^(\d+)-(\d+)$/.exec(text);
  const min = Number(match?.[1]);
  const max = Number(match?.[2]);
  if (match === null || min > max) throw new Error(`${name} is a range like 800-2500, not "${text}"`);
  return { min, max };
}
