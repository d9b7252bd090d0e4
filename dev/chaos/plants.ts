/**
 * Bugs that chaos must find, as changes to a copy of the sources. Text for text: a change whose text is not there any more
 * fails loudly, because a bug that was not planted would be "not found" for the wrong reason.
 */
import { type PartName, type PlannedFault, WORKERS } from './faults.ts';
import type { FindingKind } from './judge.ts';
import { full, isLong, type Profile, small } from './schedule.ts';

export interface Replacement {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Plant {
  readonly es: string;
  readonly replacements: readonly Replacement[];
  /** One of these must be found; an audit's finding by the name of its invariant. */
  readonly expected: readonly (Exclude<FindingKind, 'audit'> | `audit:${string}`)[];
  /** The smallest run that can show it. */
  readonly profile: Profile;
  /** Whether a seed can show it at all. */
  readonly shows: (plan: readonly PlannedFault[]) => boolean;
}

const anyDial =
  /^(error_after_placed|timeout_after_placed|dropped_then_placed|error_not_placed|hang_not_placed)$/;

function isWorker(part: PartName): boolean {
  return WORKERS.some((worker) => worker === part);
}

/** A deploy that began so long before still ends the worker. */
const deployMs = 20_000;

/** What does not live to wake up dials nothing. */
function endsWorker({ fault }: PlannedFault, part: PartName): boolean {
  if (fault.kind === 'deploy') return true;
  return (fault.kind === 'kill' || fault.kind === 'restart') && fault.part === part;
}

export const PLANTS = {
  'dial-without-reconcile': {
    es: 'una llamada de resultado incierto se marca otra vez en el acto',
    replacements: [
      {
        file: 'activities/contact/dial.ts',
        from: '      const answer = await deps.voice.placeCall(passed.request, AbortSignal.timeout(leftMs));\n',
        to:
          '      let answer = await deps.voice.placeCall(passed.request, AbortSignal.timeout(leftMs));\n' +
          "      if (answer.kind === 'unknown') answer = await deps.voice.placeCall(passed.request, AbortSignal.timeout(leftMs));\n",
      },
    ],
    expected: ['double_dial', 'audit:dialled_at_most_once'],
    profile: small,
    shows: (plan) => plan.some(({ fault }) => fault.kind === 'dials' && anyDial.test(fault.how)),
  },
  'lease-without-fence': {
    es: 'se marca con una línea sin mirar si todavía es de quien la pidió',
    replacements: [
      {
        file: 'domain/lines/queries-lines.ts',
        from:
          "    .where('id', '=', leaseId)\n    .where('released_at', 'is', null)\n" +
          "    .where('attempt_id', 'is', null)\n    .where('expires_at', '>', at)\n",
        to: "    .where('id', '=', leaseId)\n",
      },
    ],
    expected: ['lines_overshot', 'audit:line_held_for_whole_call', 'audit:open_line_has_running_call'],
    profile: full,
    // A frozen worker's polls still take dials from the server. They time out, their lines go to others, and it wakes up.
    shows: (plan) =>
      plan.some(
        ({ atMs, fault }) =>
          isLong(fault) &&
          fault.kind === 'pause' &&
          isWorker(fault.part) &&
          !plan.some(
            (other) =>
              endsWorker(other, fault.part) &&
              other.atMs > atMs - deployMs &&
              other.atMs < atMs + fault.forMs,
          ),
      ),
  },
  'settle-without-dedupe': {
    es: 'cada aviso del término de una llamada la cobra otra vez',
    replacements: [
      {
        file: 'domain/calls/charge.ts',
        from:
          '    const difference = amountMicros - (locked.charged_micros ?? 0n);\n' +
          '    const reference = `${locked.attempt_id}:${seconds}`;\n',
        to:
          '    const difference = amountMicros;\n' +
          '    const reference = `${locked.attempt_id}:${seconds}:${performance.now()}`;\n',
      },
    ],
    expected: ['ledger_difference', 'settled_twice'],
    profile: small,
    shows: (plan) => plan.some(({ fault }) => fault.kind === 'webhooks' && fault.how === 'duplicate_webhook'),
  },
} as const satisfies Readonly<Record<string, Plant>>;

export type PlantName = keyof typeof PLANTS;

/** The text with the bug in it. Throws when there is not exactly one place for it. */
export function planted(text: string, { file, from, to }: Replacement): string {
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`${file}: the text to change is there ${places} times, not once`);
  return text.replace(from, () => to);
}
