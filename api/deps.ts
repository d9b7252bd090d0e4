import type { Client } from '@temporalio/client';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { NoteFault } from '../domain/shared/rules/channel-faults.ts';
import type { OpenPaymentProvider } from '../domain/payments/payment-port.ts';
import type { ObjectStore } from '../domain/shared/object-port.ts';
import type { ChargingProviders, OnlineProvider } from '../domain/charging/charging-port.ts';
import type { SignInPort } from '../domain/accounts/sign-in-port.ts';
import type { FunctionVerdict, VoiceProvider, WebhookVerdict } from '../domain/calls/voice-port.ts';
import type { Database } from '../db/client.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Tracing } from '../observability/tracing.ts';
import type { SecretBox } from '../outbound/secret-box.ts';
import type { TargetPolicy } from '../outbound/targets.ts';
import type { Feed } from './events/types.ts';
import type { Holder } from '../domain/accounts/rules/permissions.ts';

/** Requests that one key and one address may send a second, for a while more. 0: as many as they like. */
export interface Limits {
  readonly perKeyPerSecond: number;
  readonly perAddressPerSecond: number;
}

/** Where people reach us, and who signs them in. */
export interface PeopleDoor {
  readonly signIn: SignInPort;
  /** With its scheme. */
  readonly baseUrl: string;
}

/** Who takes what accounts pay us, and what their events are signed with. */
export interface Charging {
  readonly providers: ChargingProviders;
  readonly webhookSecrets: Readonly<Partial<Record<OnlineProvider, string>>>;
}

/** Everything that the API stands on; tests give their own. */
export interface ApiDeps {
  /** Under row-level security, as `tandas_app`. */
  readonly app: Database;
  /** Uploads until they have been read. */
  readonly store: ObjectStore;
  readonly temporal: Client;
  /** What is started through it lives in virtual time: rehearsals only. */
  readonly skipping: Client;
  readonly taskQueue: string;
  /** Where rehearsals live. Default: where everything else does. */
  readonly rehearsalTaskQueue?: string;
  readonly voice: Pick<VoiceProvider, 'concurrency'>;
  /** Verifies a provider's webhook on its raw body with the workspace's key. */
  readonly verifyWebhook: (rawBody: string, signature: string | undefined) => Promise<WebhookVerdict>;
  /** Verifies an in-call function in the same way. Default: every one is refused. */
  readonly verifyFunction?: (rawBody: string, signature: string | undefined) => Promise<FunctionVerdict>;
  /** Default: none, and whatever needs a secret is refused. */
  readonly secrets?: SecretBox;
  /** Which addresses accounts may give us. Default: public https ones. */
  readonly targets?: TargetPolicy;
  readonly openPaymentProvider: OpenPaymentProvider;
  /** Default: orders are paid by transfer only. */
  readonly charging?: Charging;
  /** Streams of events. Default: those of this app alone, which look for news by themselves. */
  readonly feed?: Feed;
  /** Default: nobody signs in. */
  readonly people?: PeopleDoor;
  /** Takes down what a channel's webhook says of the channel itself. Default: nobody does. */
  readonly noteFault?: NoteFault;
  readonly logger: Logger;
  /** Counts requests. Default: nobody does. */
  readonly metrics?: Metrics;
  /** Default: off. */
  readonly tracing?: Pick<Tracing, 'tracer'>;
  /** How often a key and an address may ask. Default: as often as they like. */
  readonly limits?: Limits;
  /** Where we are reached, with its scheme. Default: addresses of ours begin with their path. */
  readonly publicUrl?: string;
  /** Who sends a request. Default: nobody knows. */
  readonly addressOf?: (c: Context<ApiEnv>) => string | undefined;
  /** False while the process shuts down. Default: it serves. */
  readonly isServing?: () => boolean;
  readonly nowMs: () => number;
}

/** Who asks: whoever holds the API key that was presented, or a person who has signed in. */
export interface ApiCaller {
  readonly accountId: string;
  /** The key, or the person. */
  readonly holderId: string;
  readonly holder: Holder;
  /** The key's, or the person's name. */
  readonly label: string;
  /** A person who must have a second factor, and has none: may look at nothing but themselves. */
  readonly lacksSecondFactor: boolean;
  /** For audit rows. */
  readonly actor: string;
}

export interface ApiEnv {
  readonly Variables: {
    readonly caller: ApiCaller;
    readonly requestId: string;
    /** Or its network; '' where it is not known. */
    readonly address: string;
    /** The whole address; '' where it is not known. */
    readonly client: string;
  };
}
