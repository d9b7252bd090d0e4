/**
 * How a batch is worked: the operator's choice inside what a rule pack allows. A change is a new version; a batch
 * keeps the one that it was created with.
 */
export interface Policy {
  readonly key: string;
  readonly version: number;
  readonly title: string;
  readonly schedule: Schedule;
  /** Dials to one contact, over all days. */
  readonly maxAttempts: number;
  /** Dials to one person on one local day; the pack may allow fewer. */
  readonly callsPerDay: number;
  /** Different local days on which a phone rang and no human answered, after which the contact is excluded. */
  readonly silentDaysToExclude: number;
  /** Ladder only: pause after no answer or busy, in ms. */
  readonly noAnswerRetryMs: number;
  /** Pause after a technical failure, in ms; in waves only inside the same wave. */
  readonly technicalRetryMs: number;
  /** How long a phone rings, sent to the provider. Retell: 5,000 to 300,000. */
  readonly ringMs: number;
  /** Longest call, sent to the provider. Retell: 60,000 to 7,200,000. */
  readonly maxCallMs: number;
  /** Most different people called on one local day. */
  readonly groupSize: number;
  /** Days after which a contact that was never settled is closed. */
  readonly maxDays: number;
  /** Demonstrations only: how long a day of a promise, a plan or a verification takes, in ms. Default: a real one. */
  readonly agreementDayMs?: number;
}

export type Schedule =
  | {
      /** Windows at fixed local times. An unanswered call goes to the next wave. */
      readonly mode: 'waves';
      /** Minutes after local midnight. */
      readonly startMinutes: readonly number[];
      readonly windowMinutes: number;
    }
  /** Any legal hour; a fixed pause after each failure. */
  | { readonly mode: 'ladder' }
  | {
      /** Waves counted from the contact's opening, for demonstrations. */
      readonly mode: 'interval';
      readonly firstAfterMs: number;
      readonly everyMs: number;
      readonly windowMs: number;
    };

const minuteMs = 60_000;

export const collectionWaves: Policy = {
  key: 'collection-waves',
  version: 1,
  title: 'Cobranza: olas de 09:00, 12:00 y 15:00',
  schedule: { mode: 'waves', startMinutes: [9 * 60, 12 * 60, 15 * 60], windowMinutes: 90 },
  maxAttempts: 9,
  callsPerDay: 3,
  silentDaysToExclude: 3,
  noAnswerRetryMs: 60 * minuteMs,
  technicalRetryMs: 30 * minuteMs,
  ringMs: 30_000,
  maxCallMs: 10 * minuteMs,
  groupSize: 60,
  maxDays: 30,
};

export const ladder: Policy = {
  ...collectionWaves,
  key: 'ladder',
  title: 'Escalera: sin respuesta 60 min, otra falla 30 min',
  schedule: { mode: 'ladder' },
  maxAttempts: 3,
};

const wholeDayMs = 86_400_000;

/** How long one day between an agreement and its payment takes, in ms. */
export function agreementDayMs(policy: Policy): number {
  return policy.agreementDayMs ?? wholeDayMs;
}

/** Three waves a minute apart; everything else as in production, on a shorter scale. */
const demoPolicy1: Policy = {
  ...collectionWaves,
  key: 'demo',
  title: 'Demostración: tres olas con un minuto entre ellas',
  schedule: { mode: 'interval', firstAfterMs: 2_000, everyMs: 60_000, windowMs: 55_000 },
  maxAttempts: 3,
  technicalRetryMs: 5_000,
  noAnswerRetryMs: 10_000,
  ringMs: 5_000,
  maxCallMs: 60_000,
  maxDays: 1,
};

/** As above, and a promise for next week is due within a minute. */
export const demoPolicy: Policy = { ...demoPolicy1, version: 2, agreementDayMs: 5_000 };

/** Every policy that ships, the newest version of each first; older ones are for the batches that run under them. */
export const policies: readonly Policy[] = [collectionWaves, ladder, demoPolicy, demoPolicy1];
