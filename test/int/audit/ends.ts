/** Micro-dollars a minute. */
export const rate = 40_000;

/** How an attempt of the audit's world ended. */
export type End = 'no_answer' | 'voicemail' | 'promise' | 'rejected' | 'absent' | 'running';

export const talkSeconds: Readonly<Record<End, number>> = {
  no_answer: 0,
  voicemail: 12,
  promise: 97,
  rejected: 0,
  absent: 0,
  running: 0,
};
export const holdState = {
  no_answer: 'posted',
  voicemail: 'posted',
  promise: 'posted',
  rejected: 'voided',
  absent: 'expired',
  running: 'pending',
} as const satisfies Readonly<Record<End, string>>;

export interface Told {
  readonly reason?: string;
  readonly human?: boolean;
  readonly outcome?: string;
  readonly summary?: string;
  readonly captured?: Readonly<Record<string, string>>;
  readonly endedAt: Date;
  readonly seconds: number;
}

export const endOf: Readonly<Record<End, Omit<Told, 'endedAt' | 'seconds'>>> = {
  no_answer: { reason: 'dial_no_answer', human: false, outcome: 'no_answer' },
  voicemail: { reason: 'voicemail_reached', human: false, outcome: 'voicemail', summary: 'Buzón de voz.' },
  promise: {
    reason: 'agent_hangup',
    human: true,
    outcome: 'promise',
    summary: 'Pagará.',
    captured: {
      resultado: 'compromiso_pago',
      fecha_pago_cliente: '2026-03-20',
      monto_pago_cliente: '104050',
    },
  },
  rejected: {},
  absent: {},
  running: {},
};

const centsOf = (told: Told): number => Math.round(told.seconds * 28.34) / 100;
const recording = (callId: string): string => `https://voice.invalid/${callId}.wav`;

export function storedEnd(
  told: Told,
  callId: string,
  at: { readonly startedAt: Date | null; readonly analysed: Date | null; readonly charged: number },
): Record<string, unknown> {
  const isTalk = told.seconds > 0;
  const isPromise = told.outcome === 'promise';
  return {
    outcome: told.outcome,
    disconnection_reason: told.reason,
    rang: true,
    human: told.human,
    started_at: at.startedAt,
    ended_at: told.endedAt,
    duration_ms: isTalk ? told.seconds * 1_000 : null,
    summary: told.summary,
    sentiment: 'neutral',
    successful: isPromise,
    in_voicemail: told.outcome === 'voicemail',
    captured: JSON.stringify(told.captured ?? {}),
    promise_date: isPromise ? '2026-03-20' : null,
    promise_micros: isPromise ? 104_050_000_000 : null,
    billable_seconds: told.seconds,
    provider_cost_micros: Math.round(centsOf(told) * 10_000),
    provider_cost_products: JSON.stringify(
      isTalk ? [{ product: 'retell_platform', costMicros: Math.round(centsOf(told) * 10_000) }] : [],
    ),
    charged_micros: at.charged,
    charged_unit: 'USD',
    recording_url: isTalk ? recording(callId) : null,
    transcript: isTalk ? 'Agent: Buenos días.\n' : null,
    analysed_at: at.analysed,
    signalled_at: at.analysed,
  };
}

export function recordedEnd(told: Told, callId: string, startedAt: Date | null): Record<string, unknown> {
  const isTalk = told.seconds > 0;
  const cost = centsOf(told);
  return {
    disconnection_reason: told.reason,
    end_timestamp: told.endedAt.getTime(),
    ...(startedAt === null
      ? {}
      : {
          start_timestamp: startedAt.getTime(),
          duration_ms: told.seconds * 1_000,
          recording_url: recording(callId),
          transcript: 'Agent: Buenos días.\n',
        }),
    call_cost: {
      product_costs: isTalk ? [{ product: 'retell_platform', cost }] : [],
      total_duration_seconds: told.seconds,
      combined_cost: cost,
    },
    call_analysis: {
      ...(told.summary === undefined ? {} : { call_summary: told.summary }),
      user_sentiment: 'Neutral',
      call_successful: told.outcome === 'promise',
      in_voicemail: told.outcome === 'voicemail',
      custom_analysis_data: told.captured ?? {},
    },
  };
}
