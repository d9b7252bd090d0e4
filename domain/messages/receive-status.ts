import { type Database, inAccount } from '../../db/client.ts';
import { storeRaw } from '../shared/queries-raw.ts';
import type { StatusReport } from './message-port.ts';
import { isOfErased } from './queries-reached.ts';
import { settleMessage } from './settle-message.ts';

/** A status of WhatsApp: stored raw, then settled; ours by the data that we gave along, or by the channel's id. */
export async function receiveStatus(
  app: Database,
  accountId: string,
  report: StatusReport,
): Promise<'settled' | 'foreign'> {
  return inAccount(app, accountId, async (trx) => {
    const { callbackData: ours } = report;
    // The channel's ids and words hold the number, which went with its person.
    if (ours !== undefined && isId(ours) && (await isOfErased(trx, ours))) return 'foreign';
    await storeRaw(trx, {
      accountId,
      provider: 'whatsapp',
      dedupeKey: `${report.providerMessageId}:${report.status}:${report.atMs}`,
      event: report.status,
      subject: report.providerMessageId,
      body: report,
    });
    const { callbackData, providerMessageId } = report;
    const word = {
      kind: report.status,
      at: new Date(report.atMs),
      providerMessageId,
      ...(report.status === 'failed'
        ? {
            failure: report.code ?? 'unknown',
            failureClass: report.failureClass ?? 'stop',
            fault: report.fault,
          }
        : {}),
    };
    const byOurId =
      callbackData !== undefined && isId(callbackData)
        ? await settleMessage(trx, { messageId: callbackData }, word)
        : undefined;
    const settled = byOurId ?? (await settleMessage(trx, { providerMessageId }, word));
    return settled === undefined ? 'foreign' : 'settled';
  });
}

function isId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
