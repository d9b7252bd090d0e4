import { randomBytes } from 'node:crypto';
import {
  countEndpoints,
  countTests,
  deleteEndpointRow,
  giveUpDeliveries,
  hasDelivery,
  hasEndpoint,
  hasUrl,
  insertEndpoint,
  lockEndpoint,
  lockEndpoints,
  readEndpoints,
  replaceSecret,
  reviveDeliveries,
  setEndpointEnabled,
  type TestSent,
  writeTestEvent,
} from './queries-endpoints.ts';
import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import type { EventType } from '../shared/rules/events.ts';
import type { SecretBox } from '../../outbound/secret-box.ts';
import { judgeTarget, type TargetPolicy } from '../../outbound/targets.ts';
import { refuse, OperationRefused } from '../shared/refused.ts';

/** Endpoints of one account: more would be a fan-out that nobody watches. */
const mostEndpoints = 20;
/** After a rotation both secrets sign: a receiver has a day to change over. */
const rotationHours = 24;
/** Somebody who looks at their own receiver needs no more; a loop of them would be a load of ours on others. */
const mostTestsPerMinute = 5;

export interface EndpointView {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  /** Empty: every type. */
  readonly eventTypes: readonly string[];
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
}

export interface NewEndpoint {
  readonly accountId: string;
  readonly actor: string;
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly EventType[];
}

/** What both changes of a secret need. */
export interface EndpointDeps {
  readonly secrets: SecretBox;
  readonly targets: TargetPolicy;
}

/** Makes an endpoint. Its secret is returned here and never again. Throws `OperationRefused`. */
export async function createEndpoint(
  trx: Trx,
  { secrets, targets }: EndpointDeps,
  input: NewEndpoint,
): Promise<{ readonly endpoint: EndpointView; readonly secret: string }> {
  const { accountId, actor, description, eventTypes } = input;
  const target = judgeTarget(input.url, targets);
  if (!target.ok) {
    throw refuse('target_refused', { en: target.en, es: target.es }, { field: 'url' });
  }
  const url = addressOf(target.url);
  await lockEndpoints(trx, accountId);
  // Each event would come twice, and neither receiver could tell by its id which secret signed it.
  if (await hasUrl(trx, url)) throw refuse('endpoint_url_taken', {}, { field: 'url' });
  const many = await countEndpoints(trx);
  if (many >= mostEndpoints) {
    throw refuse('too_many_endpoints', { most: mostEndpoints });
  }
  const secret = newSecret();
  const row = await insertEndpoint(trx, {
    accountId,
    url,
    description,
    eventTypes,
    secretSealed: secrets.seal(accountId, secret),
  });
  await audit(trx, accountId, actor, 'webhook_endpoint.created', row.id);
  return {
    secret,
    endpoint: {
      id: row.id,
      url,
      description,
      eventTypes,
      createdAt: row.created_at,
      disabledAt: null,
    },
  };
}

/** As a request is sent to it: what stands behind a # never leaves us, and makes no other address. */
function addressOf(target: URL): string {
  const url = new URL(target);
  url.hash = '';
  return url.href;
}

/** Newest first; disabled ones too. */
export async function listEndpoints(trx: Trx): Promise<readonly EndpointView[]> {
  const rows = await readEndpoints(trx);
  return rows.map((row) => ({
    id: row.id,
    url: row.url,
    description: row.description,
    eventTypes: row.event_types,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
  }));
}

interface EndpointRef {
  readonly accountId: string;
  readonly actor: string;
  readonly endpointId: string;
}

/** A new secret; the old one signs beside it for a day. Throws `OperationRefused` for another account's endpoint. */
export async function rotateEndpoint(
  trx: Trx,
  { secrets }: Pick<EndpointDeps, 'secrets'>,
  { accountId, actor, endpointId }: EndpointRef,
): Promise<string> {
  const secret = newSecret();
  const rotated = await replaceSecret(trx, endpointId, {
    sealed: secrets.seal(accountId, secret),
    keepHours: rotationHours,
  });
  if (!rotated) throw endpointNotFound();
  await audit(trx, accountId, actor, 'webhook_endpoint.rotated', endpointId);
  return secret;
}

/** What waits for a disabled endpoint waits on; what happens meanwhile is not for it. Repeating changes nothing. */
export async function switchEndpoint(
  trx: Trx,
  { accountId, actor, endpointId }: EndpointRef,
  enabled: boolean,
): Promise<void> {
  if (!(await setEndpointEnabled(trx, endpointId, enabled))) throw endpointNotFound();
  const action = enabled ? 'webhook_endpoint.enabled' : 'webhook_endpoint.disabled';
  await audit(trx, accountId, actor, action, endpointId);
}

/** No more is sent there, what waits for it is given up, and its secrets are gone. Its past deliveries can still be read. */
export async function deleteEndpoint(trx: Trx, { accountId, actor, endpointId }: EndpointRef): Promise<void> {
  if (!(await deleteEndpointRow(trx, endpointId))) throw endpointNotFound();
  await giveUpDeliveries(trx, endpointId, 'the endpoint was deleted');
  await audit(trx, accountId, actor, 'webhook_endpoint.deleted', endpointId);
}

/** Sends an event to this endpoint alone, signed and tried as every other. Throws `OperationRefused`. */
export async function testEndpoint(
  trx: Trx,
  { accountId, actor, endpointId }: EndpointRef,
): Promise<TestSent> {
  const endpoint = await lockEndpoint(trx, endpointId);
  if (endpoint === undefined) throw endpointNotFound();
  if (endpoint.disabled_at !== null) throw refuse('endpoint_disabled');
  if ((await countTests(trx, endpointId)) >= mostTestsPerMinute) {
    throw refuse('too_many_tests', { most: mostTestsPerMinute });
  }
  const sent = await writeTestEvent(trx, { accountId, endpointId });
  await audit(trx, accountId, actor, 'webhook_endpoint.tested', endpointId);
  return sent;
}

export type Replay =
  { readonly deliveryId: string; readonly endpointId?: undefined } | { readonly endpointId: string };

/**
 * Sends dead deliveries again, under the ids that they always had: one, or all of an endpoint. Returns how many; a
 * delivery that is not dead is left alone. Throws `OperationRefused` when there is no such delivery or endpoint.
 */
export async function replay(
  trx: Trx,
  { accountId, actor }: Omit<EndpointRef, 'endpointId'>,
  what: Replay,
): Promise<number> {
  const isOne = what.endpointId === undefined;
  const id = isOne ? what.deliveryId : what.endpointId;
  const known = await (isOne ? hasDelivery(trx, id) : hasEndpoint(trx, id));
  if (!known) throw refuse('delivery_not_found');
  const revived = await reviveDeliveries(trx, isOne ? 'id' : 'endpoint_id', id);
  if (revived > 0) await audit(trx, accountId, actor, 'webhook_delivery.replayed', id);
  return revived;
}

/** Standard Webhooks: 24 to 64 random bytes behind a prefix that scanners know. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

function endpointNotFound(): OperationRefused {
  return refuse('endpoint_not_found');
}

async function audit(
  trx: Trx,
  accountId: string,
  actor: string,
  action: string,
  subject: string,
): Promise<void> {
  await writeAudit(trx, { accountId, actor, action, subject });
}
