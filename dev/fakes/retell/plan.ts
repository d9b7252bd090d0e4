/** What chance decides about one call, drawn once when it is placed: outcome, spans, promise, quirks. */
import { chooseOutcome, outcomeOf } from './outcomes.ts';
import type { OutcomeScript } from './outcomes.ts';
import type { Settings } from './options.ts';
import { draw, drawBetween } from './random.ts';
import type { CallPlan, CreateRequest } from './types.ts';

/** Retell's defaults (facts/voice.md §1.3). */
const DEFAULT_RING_MS = 30_000;
const DEFAULT_MAX_CALL_MS = 3_600_000;
const DAY_MS = 24 * 60 * 60 * 1000;

export function planCall(
  settings: Settings,
  scripts: ReadonlyMap<string, OutcomeScript>,
  request: CreateRequest,
  nth: number,
  stuck: boolean,
  nowMs: number,
): CallPlan {
  const { seed, timeScale } = settings;
  const to = request.to_number;
  const choice = {
    mode: settings.outcomeMode,
    seed,
    patterns: settings.patterns,
    weights: settings.weights,
    scripts,
  };
  const name = chooseOutcome(choice, to, nth);
  const outcome = outcomeOf(name);
  const span = (range: Settings['ringMs'], what: string) =>
    drawBetween(range, seed, what, to, nth) * timeScale;

  const ringLimitMs = (request.ring_duration_ms ?? DEFAULT_RING_MS) * timeScale;
  const rings = { none: 0, full: settings.ringMs.max * timeScale, drawn: span(settings.ringMs, 'ring') };
  const talkLimitMs = (request.max_call_duration_ms ?? DEFAULT_MAX_CALL_MS) * timeScale;
  const talkMs = span(settings.talkMs, 'talk');
  return {
    outcome: name,
    ringMs: Math.round(Math.min(rings[outcome.ring], ringLimitMs)),
    talkMs: outcome.connects ? Math.round(Math.min(talkMs, talkLimitMs)) : 0,
    analysisMs: Math.round(span(settings.analysisMs, 'analysis')),
    stuck,
    cutShort: outcome.connects && talkMs >= talkLimitMs,
    sayRegisteredInEnded: draw(seed, 'registered', to, nth) < settings.registeredInEndedShare,
    ...(name === 'promise' || name === 'bad_promise' ? drawPromise(seed, request, nth, name, nowMs) : {}),
    ...(name === 'refuses' && settings.outcomeMode === 'seeded'
      ? { refusal: drawRefusal(seed, to, nth) }
      : {}),
  };
}

function drawPromise(
  seed: string,
  request: CreateRequest,
  nth: number,
  name: 'promise' | 'bad_promise',
  nowMs: number,
): { readonly promiseDate: string; readonly promiseAmount: number; readonly wish: (typeof WISHES)[number] } {
  const to = request.to_number;
  const days = drawBetween({ min: 2, max: 10 }, seed, 'promise', to, nth);
  // A bad promise is a date misheard: it has passed already.
  const atMs = nowMs + (name === 'promise' ? days : -days) * DAY_MS;
  const owed = amountIn(request) ?? drawBetween({ min: 10, max: 200 }, seed, 'owed', to, nth) * 1000;
  const whole = draw(seed, 'partial', to, nth) < 0.7;
  return {
    promiseDate: new Date(atMs).toISOString().slice(0, 10),
    promiseAmount: whole ? owed : Math.ceil(owed / 2),
    wish: WISHES[Math.floor(draw(seed, 'wish', to, nth) * WISHES.length)] ?? 'full',
  };
}

/** Half of those who promise pay everything at once. */
const WISHES = ['full', 'full', 'full', 'part', 'discount', 'instalments'] as const;
const REFUSALS = ['refuses', 'refuses', 'refuses', 'do_not_call', 'dispute', 'hardship', 'legal'] as const;

function drawRefusal(seed: string, to: string, nth: number): (typeof REFUSALS)[number] {
  return REFUSALS[Math.floor(draw(seed, 'refusal', to, nth) * REFUSALS.length)] ?? 'refuses';
}

/** The amount among the variables, e.g. `monto: "123.450"`; its decimals are dropped, the currency is pesos. */
function amountIn(request: CreateRequest): number | undefined {
  for (const [name, text] of Object.entries(request.retell_llm_dynamic_variables ?? {})) {
    if (!/monto|deuda|saldo/i.test(name) || !/^\$?\s*[\d.]+(,\d+)?$/.test(text)) continue;
    const amount = Number((text.split(',')[0] ?? '').replaceAll(/\D/g, ''));
    if (Number.isSafeInteger(amount) && amount > 0) return amount;
  }
  return undefined;
}
