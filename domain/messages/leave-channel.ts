import type { Trx } from '../../db/client.ts';
import { listKey } from '../people/queries.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { keyOfChannel, numberOfPhone, stoppedCode, unlistKey } from './queries-channel.ts';

export interface ChannelLeft {
  readonly accountId: string;
  readonly e164: string;
  readonly at: Date;
}

/** Nobody of the account writes by WhatsApp to whoever has this number; calls go on. False: it was so before. */
export async function leaveChannel(trx: Trx, { accountId, e164, at }: ChannelLeft): Promise<boolean> {
  const isNew = await listKey(trx, { accountId, key: `${keyOfChannel}${e164}`, source: 'message', at });
  if (isNew) await note(trx, accountId, 'channel.left');
  return isNew;
}

/** The person wants messages again, and has said so in the channel's own app. */
export async function comeBack(trx: Trx, { accountId, e164, at }: ChannelLeft): Promise<boolean> {
  const isNew = await unlistKey(trx, `${keyOfChannel}${e164}`, at);
  if (isNew) await note(trx, accountId, 'channel.came_back');
  return isNew;
}

/** By the code of a failure: 131050, the person stopped messages of this kind in the app. */
export async function leaveByFailure(
  trx: Trx,
  message: { readonly account_id: string; readonly phone_id: string },
  failure: string | undefined,
  at: Date,
): Promise<void> {
  if (failure?.split(':')[0] !== stoppedCode) return;
  const e164 = await numberOfPhone(trx, message.phone_id);
  if (e164 !== undefined) await leaveChannel(trx, { accountId: message.account_id, e164, at });
}

async function note(trx: Trx, accountId: string, action: string): Promise<void> {
  await writeAudit(trx, { accountId, actor: 'message', action, subject: 'whatsapp', detail: {} });
}
