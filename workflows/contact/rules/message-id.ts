import type { ContactFact } from '../../../domain/contacts/rules/facts.ts';

/** Of messages that come twice: by answer and by signal, or repeated by a sender that had no answer. The shell takes each once. */
export function messageId(fact: ContactFact): string | null {
  switch (fact.type) {
    case 'RescheduleRequested':
      return fact.requestId === undefined ? null : `reschedule:${fact.requestId}`;
    case 'RescheduleWished':
      return `wish:${fact.requestId}`;
    case 'PaymentRecorded':
      return `payment:${fact.paymentId}:${fact.settled ? 'settled' : 'open'}`;
    default:
      return null;
  }
}
