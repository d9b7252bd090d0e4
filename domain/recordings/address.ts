import { createHmac, timingSafeEqual } from 'node:crypto';

/** What addresses of recordings need of the process: a key that no copy of the database holds. */
export interface AddressBox {
  derive(purpose: string): Buffer;
}

export interface RecordingAddress {
  readonly accountId: string;
  readonly objectId: string;
  /** Seconds since 1970. */
  readonly until: number;
}

const purpose = 'addresses of recordings';
/** Long enough to begin to listen; whoever finds the address in a log afterwards hears nothing. */
export const addressSeconds = 300;

/** The path of a recording for whoever has it, and for nobody else's object, until its instant. */
export function addressOf(box: AddressBox, address: RecordingAddress): string {
  const { accountId, objectId, until } = address;
  const query = new URLSearchParams({
    account: accountId,
    until: String(until),
    signature: signatureOf(box, address).toString('base64url'),
  });
  return `/api/v1/recordings/${objectId}?${query.toString()}`;
}

/** Whether we have made it, and its time is not over. Whoever changed a letter of it has another address. */
export function isOurs(
  box: AddressBox,
  { signature, ...address }: RecordingAddress & { readonly signature: string },
  nowMs: number,
): boolean {
  const wanted = signatureOf(box, address);
  const given = Buffer.from(signature, 'base64url');
  // Decoding forgives letters: one signature has one spelling.
  const isSame =
    given.length === wanted.length &&
    timingSafeEqual(given, wanted) &&
    given.toString('base64url') === signature;
  return isSame && nowMs < address.until * 1000;
}

function signatureOf(box: AddressBox, { accountId, objectId, until }: RecordingAddress): Buffer {
  return createHmac('sha256', box.derive(purpose)).update(`v1\n${accountId}\n${objectId}\n${until}`).digest();
}
