import type { ContactState } from '../state.ts';
import type { Phone } from '../../../domain/contacts/rules/contact-rules.ts';

/** The phone to dial now: the one at the index, or the next usable one, then from the start again. */
export function phoneToDial(state: ContactState): Phone | undefined {
  const { phones, phoneIndex } = state;
  for (let turn = 0; turn < phones.length; turn += 1) {
    const phone = phones[(phoneIndex + turn) % phones.length];
    if (phone?.usable === true) return phone;
  }
  return undefined;
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
