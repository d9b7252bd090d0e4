import type { ContactState, Phone } from '../state.ts';

/** The phone to dial now: the one at the index, or the next usable one, then from the start again. */
export function phoneToDial(state: ContactState): Phone | undefined {
  return rotate(state.phones, state.phoneIndex).find((phone) => phone.usable);
}

/** After an unanswered or failed call the next phone's turn comes. */
export function advancePhone(state: ContactState, dialledPhoneId: string): ContactState {
  const index = state.phones.findIndex((phone) => phone.phoneId === dialledPhoneId);
  if (index < 0 || state.phones.length === 0) return state;
  return { ...state, phoneIndex: (index + 1) % state.phones.length };
}

/** A number that does not exist, or that belongs to somebody else, is never dialled again for this contact. */
export function dropPhone(state: ContactState, phoneId: string): ContactState {
  return {
    ...state,
    phones: state.phones.map((phone) => (phone.phoneId === phoneId ? { ...phone, usable: false } : phone)),
  };
}

function rotate<T>(items: readonly T[], start: number): readonly T[] {
  return [...items.slice(start), ...items.slice(0, start)];
}
