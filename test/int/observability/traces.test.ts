import { afterAll, beforeAll, expect, it } from 'vitest';
import { workBatch } from '../../support/batches.ts';
import { until } from '../../support/live-world.ts';
import { drawTrace, type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../../support/otlp.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

const boundMs = 300_000;
let receiver: OtlpReceiver;
let stack: OwnProcesses;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  stack = await startOwnProcesses({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  await workBatch(stack, 'traces', 2);
}, boundMs);
afterAll(async () => {
  await stack.close();
  await receiver.close();
});

const upload = 'POST /api/v1/imports';
const named = (name: string) => (span: ReceivedSpan) => span.name === name;

/** Everything about one contact, and what all contacts of its batch come from. */
function spansOf(contactId: string): readonly ReceivedSpan[] {
  const spans = receiver.spans();
  const traceId = spans.find(named(upload))?.traceId;
  const attempts = new Set(
    spans
      .filter(({ attributes }) => attributes['tandas.contactId'] === contactId)
      .map(({ attributes }) => attributes['tandas.attemptId'])
      .filter((id) => id !== undefined),
  );
  return spans.filter(({ traceId: id, attributes }) => {
    const { 'tandas.contactId': contact, 'tandas.attemptId': attempt } = attributes;
    if (id !== traceId) return false;
    return (
      contact === contactId || (contact === undefined && (attempt === undefined || attempts.has(attempt)))
    );
  });
}

it('one trace reaches from the upload over dial, provider and webhook to the settlement and its signal', async () => {
  const wanted = [
    upload,
    'start batch',
    'fillGroup',
    'openContact',
    'requestLine',
    'dial',
    'provider place',
    'settle call_ended',
    'signal callEnded',
  ];
  const contactOf = (): string | undefined =>
    receiver.spans().find(named('dial'))?.attributes['tandas.contactId'];
  await until('every span has arrived', async () => {
    const contactId = contactOf();
    const names = new Set(contactId === undefined ? [] : spansOf(contactId).map(({ name }) => name));
    return Promise.resolve(wanted.every((name) => names.has(name)));
  });
  const spans = spansOf(contactOf() ?? '');
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['tandas-api', 'tandas-worker']));
  // Every parent is in the trace: nobody's work hangs in the air.
  const ids = new Set(receiver.spans().map(({ spanId }) => spanId));
  const orphans = spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId));
  expect(orphans.map(({ name }) => name)).toEqual([]);
  const dial = spans.find(named('dial'));
  expect(spans.find(named('provider place'))?.parentSpanId).toBe(dial?.spanId);
  expect(spans.find(named('settle call_ended'))?.parentSpanId).toBe(dial?.spanId);
  if (process.env['TANDAS_TEST_LOGS'] !== undefined) console.log(drawTrace(spans));
});

it('a span says ids and results, and nothing of a person', () => {
  const text = JSON.stringify(receiver.spans());
  expect(text).toContain('tandas.contactId');
  expect(text).not.toMatch(/\+56|Persona Inventada|Banco Inventado|104050/);
});
