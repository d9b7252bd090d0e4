import type { Slot } from '../../../domain/policy/rules/slot.ts';
import type { ContactRules } from '../../../domain/contacts/rules/contact-rules.ts';

/** Contacts whose slot ends at the same instant wake over this much of the slot's length after it. */
const spreadShare = 20;
const spreadLimitMs = 300_000;

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

/** FNV-1a, 32 bits: a spread needs no secrecy, and workflow code has no crypto. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
