import type { ActionDeps } from '../../domain/messages/send-payment-link.ts';
import type { SimulatedVoice } from '../../domain/calls/simulated-port.ts';
import type { CallTiming } from '../../domain/lines/rules/timing.ts';
import type { VoiceProvider } from '../../domain/calls/voice-port.ts';
import type { Database } from '../../db/client.ts';

export interface ContactDeps {
  /** Under row-level security. */
  readonly app: Database;
  /** The dispatcher's own view, for rehearsals that grant their own lines. */
  readonly system: Database;
  readonly voice: VoiceProvider;
  /** Default: the product's own. */
  readonly timing?: CallTiming;
  /** What a rehearsal calls instead. */
  readonly simulatedVoice?: SimulatedVoice;
  /** Tools and channels of messages. Without them no message is sent live. */
  readonly actions?: ActionDeps;
}
