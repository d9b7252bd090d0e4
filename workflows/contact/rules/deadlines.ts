import type { Slot } from '../../../domain/policy/rules/slot.ts';
import type { ContactRules } from '../../../domain/contacts/rules/contact-rules.ts';

/** A call that has not ended this long after it could have is asked about. */
const silenceMarginMs = 120_000;

/** Contacts whose slot ends at the same instant wake over this much of the slot's length after it. */
const spreadShare = 20;
const spreadLimitMs = 300_000;

/** First pause before the provider is asked again, doubled up to the longest. */
const firstLookUpPauseMs = 5_000;
const longestLookUpPauseMs = 60_000;

/**
 * When a contact gives its slot up. Spread by a hash of its id: 100,000 contacts that got no line must not all wake
 * at 13:30:00.
 */
export function missedAtMs(slot: Slot, contactId: string): number {
  const spreadMs = Math.min(spreadLimitMs, Math.floor((slot.closesAtMs - slot.opensAtMs) / spreadShare));
  return slot.closesAtMs + (spreadMs === 0 ? 0 : hash(contactId) % spreadMs);
}

/** An agreement that is due after the batch's own end would otherwise be forgotten when it is broken. */
export function lastingFor(rules: ContactRules, checkAtMs: number): ContactRules {
  const lastsMs = checkAtMs + (rules.followUp?.afterAgreementMs ?? 0);
  return { ...rules, expiresAtMs: Math.max(rules.expiresAtMs, lastsMs) };
}

export function callOverdueAtMs(atMs: number, longestCallMs: number): number {
  return atMs + longestCallMs + silenceMarginMs;
}

/**
 * When a call whose end nobody has told is asked about: when its slot is over, at which the alarm rings anyway. The
 * sweeper asks the provider within minutes, and this is for the case that it fails too.
 */
export function callCheckAtMs(contactId: string, slot: Slot, atMs: number, longestCallMs: number): number {
  const slotIsOverAtMs = missedAtMs(slot, contactId);
  return slotIsOverAtMs <= atMs ? callOverdueAtMs(atMs, longestCallMs) : slotIsOverAtMs;
}

export function nextLookUpAtMs(atMs: number, lookUps: number): number {
  return atMs + Math.min(longestLookUpPauseMs, firstLookUpPauseMs * 2 ** Math.min(lookUps, 10));
}

/** FNV-1a, 32 bits: a spread needs no secrecy, and workflow code has no crypto. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
