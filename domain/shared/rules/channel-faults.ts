import type { Bilingual } from './bilingual.ts';

/** What goes wrong between us and a channel: voice, messages, payment links, the tools of accounts. */
export const CHANNEL_FAULTS = [
  'not_configured',
  'credentials',
  'no_credit',
  'limited',
  'refused',
  'unreachable',
  'error',
  'no_answer',
] as const;

export type ChannelFault = (typeof CHANNEL_FAULTS)[number];

/** Besides: what a channel says about the person, which is no fault of the channel. */
export type Fault = ChannelFault | 'recipient' | 'postponed';

/** Where a channel may fail: what is watched, and the provider behind it. `own`: an MCP server of an account. */
export const WATCHED_CHANNELS = [
  { channel: 'voice', provider: 'retell' },
  { channel: 'message', provider: 'whatsapp' },
  { channel: 'payment_link', provider: 'mercadopago' },
  { channel: 'tool', provider: 'own' },
] as const;

/** One failure of a channel. It names no account: what all of them see. */
export interface FaultNote {
  readonly channel: (typeof WATCHED_CHANNELS)[number]['channel'];
  readonly provider: (typeof WATCHED_CHANNELS)[number]['provider'];
  readonly fault: ChannelFault;
}

/** Takes a failure down; never throws, and keeps nobody waiting. */
export type NoteFault = (note: FaultNote) => void;

/** The words of a fault, for a contact's history, the register and /health. */
export const faultWords: Readonly<Record<Fault, Bilingual>> = {
  not_configured: {
    es: 'El canal no está configurado en la cuenta, o falta un secreto suyo.',
    en: 'The account has not configured the channel, or one of its secrets is missing.',
  },
  credentials: {
    es: 'El proveedor rechaza las credenciales (401 o 403): revise el secreto del canal.',
    en: 'The provider refuses the credentials (401 or 403): look at the secret of the channel.',
  },
  no_credit: {
    es: 'El proveedor pide saldo o un medio de pago (402).',
    en: 'The provider asks for credit or a means of payment (402).',
  },
  limited: {
    es: 'El proveedor recibe demasiadas solicitudes de nosotros (429).',
    en: 'The provider gets too many requests from us (429).',
  },
  refused: {
    es: 'El proveedor no acepta la solicitud.',
    en: 'The provider does not accept the request.',
  },
  unreachable: {
    es: 'No hay conexión con el proveedor.',
    en: 'The provider cannot be reached.',
  },
  error: {
    es: 'El proveedor responde con un error propio.',
    en: 'The provider answers with an error of its own.',
  },
  no_answer: {
    es: 'El proveedor no respondió a tiempo.',
    en: 'The provider gave no answer in time.',
  },
  recipient: {
    es: 'La persona no recibe mensajes por este canal.',
    en: 'The person takes no messages on this channel.',
  },
  postponed: {
    es: 'El canal no entrega hoy más mensajes a esta persona.',
    en: 'The channel delivers no more messages to this person today.',
  },
};

export function isFault(value: unknown): value is Fault {
  return typeof value === 'string' && Object.hasOwn(faultWords, value);
}

export function isChannelFault(value: unknown): value is ChannelFault {
  return CHANNEL_FAULTS.some((fault) => fault === value);
}

/** What an HTTP status that is no success says of the channel. */
export function faultOfStatus(status: number): ChannelFault {
  if (status === 401 || status === 403) return 'credentials';
  if (status === 402) return 'no_credit';
  if (status === 429) return 'limited';
  return status >= 500 ? 'error' : 'refused';
}

const rejections: Readonly<Record<string, ChannelFault>> = {
  bad_request: 'refused',
  unauthorised: 'credentials',
  no_provider_credit: 'no_credit',
  rate_limited: 'limited',
};

/** What a voice provider's no says; null: it is none that we know. */
export function faultOfRejection(reason: unknown): ChannelFault | null {
  return typeof reason === 'string' && Object.hasOwn(rejections, reason)
    ? (rejections[reason] ?? null)
    : null;
}

/** Why a message failed: the channel's fault, or what it says about the person; null: nobody said. */
export function faultOfMessage(fault: ChannelFault | null, failureClass: string | undefined): Fault | null {
  if (fault !== null) return fault;
  if (failureClass === 'change_channel') return 'recipient';
  return failureClass === 'tomorrow' ? 'postponed' : null;
}
