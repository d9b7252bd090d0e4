import { disclosureVariables } from '../../domain/policy/rules/disclosures.ts';
import type { Stage } from '../../domain/negotiation/rules/types.ts';
import type { RulePack } from '../../domain/policy/rules/pack.ts';
import type { PlaceCallRequest } from '../../domain/calls/voice-port.ts';
import type { LoadedContact } from '../../domain/contacts/read-contact.ts';
import type { DialInput } from './types.ts';

/** What the provider is asked for. The stage of the debt says which agent speaks, and from which script. */
export function callRequest(
  input: DialInput,
  loaded: LoadedContact,
  toNumber: string,
  stage: Stage | undefined,
): PlaceCallRequest {
  return {
    attemptId: input.attemptId,
    accountId: input.accountId,
    batchId: input.batchId,
    contactId: input.contactId,
    fromNumber: loaded.fromNumber,
    toNumber,
    agentId: stage?.agentId ?? loaded.agentId,
    variables: {
      ...loaded.variables,
      ...disclosureVariables(loaded.pack),
      ...(stage === undefined ? {} : { guion: stage.script }),
    },
    ringMs: loaded.policy.ringMs,
    maxCallMs: loaded.policy.maxCallMs,
    ...voicemailOf(loaded.pack),
  };
}

function voicemailOf({ voicemail }: RulePack): Pick<PlaceCallRequest, 'voicemail'> {
  switch (voicemail.policy) {
    case 'forbidden':
      return { voicemail: { kind: 'hang_up' } };
    case 'limited':
      return { voicemail: { kind: 'say', text: voicemail.text } };
    case 'full':
      return {};
    default: {
      const unreachable: never = voicemail;
      return unreachable;
    }
  }
}
