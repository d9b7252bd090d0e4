import type { ContactState } from '../state.ts';

/** Longest pause, as a multiple of the policy's technical retry: 4 h for one of 30 min. */
const longestRest = 8;
/** First pause after a line on which nobody dialled in time. */
const firstUndialledMs = 60_000;

/** The provider took no dial: the next one waits longer each time, until one is placed. */
export function restAfterRejection(state: ContactState, atMs: number): ContactState {
  const times = Math.min(longestRest, 2 ** Math.min(state.rejections, 10));
  return resting({ ...state, rejections: state.rejections + 1 }, atMs + technicalMs(state) * times);
}

/** A line was granted and given back undialled, as overloaded workers do: the next one is not asked for at once. */
export function restAfterUndialled(state: ContactState, atMs: number): ContactState {
  const pauseMs = Math.min(technicalMs(state), firstUndialledMs * 2 ** Math.min(state.undialled, 10));
  return resting({ ...state, undialled: state.undialled + 1 }, atMs + pauseMs);
}

/** Somebody else talks to the person. */
export function restAfterOtherCall(state: ContactState, atMs: number): ContactState {
  return resting(state, atMs + technicalMs(state));
}

/** A dial that was placed, or may have been, ends the row of those that were not. */
export function rested(state: ContactState): ContactState {
  return { ...state, rejections: 0, undialled: 0 };
}

function resting(state: ContactState, untilMs: number): ContactState {
  return { ...state, restUntilMs: Math.max(state.restUntilMs, untilMs) };
}

function technicalMs({ rules }: ContactState): number {
  return rules?.technicalRetryMs ?? 0;
}
