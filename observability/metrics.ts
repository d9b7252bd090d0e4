import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One page for one scrape. */
export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/**
 * What a process counts by itself. No label names a person, a phone or a contact: every label has a bound that is known
 * when the code is written (routes, activities, reasons) or by the catalogue (pools).
 */
export interface Metrics {
  readonly registry: Registry;
  /** Requests by route template, never by path: a path holds ids. */
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly activities: Histogram<'activity' | 'result'>;
  readonly dials: Counter<'result'>;
  readonly refusedTurns: Counter<'reason'>;
  readonly provider: Histogram<'operation' | 'result'>;
  readonly channelFailures: Counter<'channel' | 'provider' | 'fault'>;
  /** Another source's lines (Temporal's own), put behind ours. Its failure costs its lines, not the page. */
  addSource(name: string, read: () => Promise<string>): void;
  page(): Promise<MetricsPage>;
}

/** From a row that is in memory to a request that waits for the provider. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const sources = new Map<string, () => Promise<string>>();
  const sourceUp = new Gauge({
    name: 'tandas_scrape_source_up',
    help: '1 when a source of this page answered; 0 when its lines are missing',
    labelNames: ['source'],
    registers,
  });
  const dials = new Counter({
    name: 'tandas_dials_total',
    help: 'Dial activities by what came of them; refused: the gate said no and nothing was sent',
    labelNames: ['result'],
    registers,
  });
  // From the start: "no dial in ten minutes" cannot be said of a counter that nobody has seen.
  for (const result of ['placed', 'unknown', 'rejected', 'refused', 'failed']) dials.inc({ result }, 0);
  return {
    registry,
    requests: new Histogram({
      name: 'tandas_http_request_duration_seconds',
      help: 'HTTP requests that were answered, by route template',
      labelNames: ['method', 'route', 'status'],
      buckets,
      registers,
    }),
    activities: new Histogram({
      name: 'tandas_activity_duration_seconds',
      help: 'Activities that ended; failed: it threw',
      labelNames: ['activity', 'result'],
      buckets,
      registers,
    }),
    dials,
    refusedTurns: new Counter({
      name: 'tandas_refused_turns_total',
      help: 'Turns that the gate refused, by reason',
      labelNames: ['reason'],
      registers,
    }),
    provider: new Histogram({
      name: 'tandas_provider_request_duration_seconds',
      help: 'Questions to the voice provider; failed: no usable answer',
      labelNames: ['operation', 'result'],
      buckets,
      registers,
    }),
    channelFailures: new Counter({
      name: 'tandas_channel_failures_total',
      help: 'Failures of channels (voice, messages, payment links, tools of accounts) by provider and fault',
      labelNames: ['channel', 'provider', 'fault'],
      registers,
    }),
    addSource: (name, read) => void sources.set(name, read),
    async page() {
      const texts = await Promise.all(
        [...sources].map(async ([source, read]) => {
          const text = await read().catch(() => undefined);
          sourceUp.set({ source }, text === undefined ? 0 : 1);
          return text ?? '';
        }),
      );
      // Ours last: it tells which of the others answered.
      return { contentType: registry.contentType, text: [...texts, await registry.metrics()].join('\n') };
    },
  };
}
