/** What an account is told without being asked. Closed: each has its words in `alert-words.ts`. */
export const ALERT_KINDS = [
  'balance_low',
  'calls_without_credit',
  'batch_over_budget',
  'batch_finished',
  'tasks_waiting',
  'dispute_opened',
  'endpoint_dead',
] as const;

export type AlertKind = (typeof ALERT_KINDS)[number];

/** Figures beside an alert: no name and no number of anybody. */
export type AlertDetail = Readonly<Record<string, string | number>>;

export interface Alert {
  readonly kind: AlertKind;
  /** Id of what it is about; the account's own where it is about all of it. */
  readonly subject: string;
  /** False: it has happened, and is over with that. */
  readonly lasts: boolean;
  readonly detail: AlertDetail;
}

/** What the rows of one account say. */
export interface AlertFacts {
  readonly accountId: string;
  readonly balance: {
    readonly unit: string;
    readonly availableMicros: bigint;
    /** Charged for calls and messages in the last 24 hours. */
    readonly chargedMicros: bigint;
  };
  /** Contacts whose call the balance does not cover. */
  readonly withoutCredit: number;
  readonly overBudget: readonly { readonly batchId: string; readonly contacts: number }[];
  /** Batches that ended within the last day. */
  readonly finished: readonly { readonly batchId: string; readonly contacts: number }[];
  /** Open for a day or more. */
  readonly oldTasks: number;
  /** Tasks of disputes that were opened within the last day. */
  readonly disputes: readonly string[];
  /** Endpoints that deliveries were given up for within the last day. */
  readonly deadEndpoints: readonly { readonly endpointId: string; readonly deliveries: number }[];
}

/** Hours that the balance lasts at the pace of the last day: below the first it is told, above the second it is over. */
const lowHours = 24;
const enoughHours = 36;

/** What there is to tell. `isOpen`: whether it is told already: what hardly changes must not come and go. Pure. */
export function alertsOf(
  facts: AlertFacts,
  isOpen: (kind: AlertKind, subject: string) => boolean,
): readonly Alert[] {
  const { accountId, balance, withoutCredit, oldTasks } = facts;
  const lasting = (kind: AlertKind, subject: string, detail: AlertDetail): Alert => ({
    kind,
    subject,
    lasts: true,
    detail,
  });
  const once = (kind: AlertKind, subject: string, detail: AlertDetail): Alert => ({
    kind,
    subject,
    lasts: false,
    detail,
  });
  const hours = hoursLeft(balance);
  const mark = isOpen('balance_low', accountId) ? enoughHours : lowHours;
  return [
    ...(hours !== undefined && hours < mark
      ? [lasting('balance_low', accountId, { hours: Math.floor(hours) })]
      : []),
    ...(withoutCredit > 0 ? [lasting('calls_without_credit', accountId, { contacts: withoutCredit })] : []),
    ...facts.overBudget.map(({ batchId, contacts }) => lasting('batch_over_budget', batchId, { contacts })),
    ...facts.finished.map(({ batchId, contacts }) => once('batch_finished', batchId, { contacts })),
    ...(oldTasks > 0 ? [lasting('tasks_waiting', accountId, { tasks: oldTasks })] : []),
    ...facts.disputes.map((taskId) => once('dispute_opened', taskId, {})),
    ...facts.deadEndpoints.map(({ endpointId, deliveries }) =>
      lasting('endpoint_dead', endpointId, { deliveries }),
    ),
  ];
}

/** Undefined: nothing was charged, so there is no pace. */
function hoursLeft({ availableMicros, chargedMicros }: AlertFacts['balance']): number | undefined {
  if (chargedMicros <= 0n) return undefined;
  return Math.max(0, (Number(availableMicros) * 24) / Number(chargedMicros));
}
