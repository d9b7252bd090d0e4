import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { signAsMeta } from '../../../channels/whatsapp/webhook.ts';
import { listenOn, type Listening } from '../../listen.ts';

/**
 * A channel that behaves like WhatsApp's Cloud API (facts/voice.md §4.2, facts/messaging.md §4): takes templates,
 * answers with a wamid, and reports statuses by signed webhooks. Writes to nobody.
 */
export interface FakeWhatsAppOptions {
  readonly accessToken: string;
  readonly appSecret: string;
  /** Where statuses go; undefined: nowhere. */
  readonly webhookUrl?: string;
  /** Reports sent, delivered and read by itself, so many ms apart. Undefined: only what it is told to report. */
  readonly autoStatusMs?: number;
  readonly log?: (line: string) => void;
}

export interface SentMessage {
  readonly wamid: string;
  readonly to: string;
  readonly template: string;
  readonly callbackData: string;
  readonly bodyValues: readonly string[];
  readonly buttonSuffix: string | undefined;
  /** Of the number that sent it. */
  readonly phoneNumberId: string;
  readonly raw: unknown;
}

/** For the next message only. `accept_*`: it is sent, and the answer is lost. */
export type WhatsAppFault =
  | { readonly kind: 'accept_then_hang' | 'accept_then_500' | 'http_500' }
  | { readonly kind: 'refuse'; readonly code: number; readonly httpStatus?: number };

export interface StatusToSend {
  readonly status: string;
  readonly atMs?: number;
  readonly errorCode?: number;
}

export interface FakeWhatsApp {
  start(port?: number): Promise<string>;
  stop(): Promise<void>;
  readonly sent: readonly SentMessage[];
  addFault(fault: WhatsAppFault): void;
  setWebhookUrl(url: string): void;
  /** Sends one webhook with these statuses of one message, in this order. Returns the receiver's HTTP status. */
  report(wamid: string, statuses: readonly StatusToSend[]): Promise<number>;
  /** Somebody writes to the account's number, in answer to a message or not. Returns the receiver's HTTP status. */
  write(message: WrittenMessage): Promise<number>;
  /** Somebody stops marketing messages in the app, or takes them again. */
  prefer(from: string, value: 'stop' | 'resume', atMs?: number): Promise<number>;
}

export interface WrittenMessage {
  /** Figures alone, as WhatsApp knows a number; undefined: it is known by an id of the channel only. */
  readonly from?: string;
  readonly text: string;
  /** The wamid that it answers. */
  readonly repliesTo?: string;
  /** A button of a template was pressed. */
  readonly isButton?: boolean;
  /** The same message again has the same one. */
  readonly id?: string;
}

export function createFakeWhatsApp(options: FakeWhatsAppOptions): FakeWhatsApp {
  const sent: SentMessage[] = [];
  const faults: WhatsAppFault[] = [];
  const stop = new AbortController();
  let webhookUrl = options.webhookUrl;
  let listening: Listening | undefined;

  const deliver = async (value: object, phoneNumberId: string): Promise<number> => {
    if (webhookUrl === undefined) return 0;
    const body = JSON.stringify(value);
    const response = await fetch(webhookUrl.replace('{phone_number_id}', phoneNumberId), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': signAsMeta(body, options.appSecret),
      },
      body,
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]),
    });
    await response.body?.cancel();
    return response.status;
  };

  const report: FakeWhatsApp['report'] = async (wamid, statuses) => {
    const message = sent.find((one) => one.wamid === wamid);
    if (message === undefined) return 0;
    const status = await deliver(statusBody(message, statuses), message.phoneNumberId);
    options.log?.(`status ${statuses.map((one) => one.status).join(', ')} → ${status}`);
    return status;
  };

  let written = 0;
  const write: FakeWhatsApp['write'] = (message) => {
    written += 1;
    const id = message.id ?? `wamid.IN${String(written).padStart(12, '0')}`;
    return deliver(messageBody(message, id), 'fake');
  };

  const reportAll = async (wamid: string): Promise<void> => {
    for (const status of ['sent', 'delivered', 'read']) {
      await sleep(options.autoStatusMs, undefined, { signal: stop.signal });
      await report(wamid, [{ status }]);
    }
  };

  const take = (body: unknown, phoneNumberId: string): SentMessage => {
    const message = {
      phoneNumberId,
      wamid: `wamid.FAKE${String(sent.length + 1).padStart(12, '0')}`,
      ...read(body),
    };
    sent.push(message);
    options.log?.(`message ${message.wamid} taken`);
    if (options.autoStatusMs !== undefined) void reportAll(message.wamid).catch(() => undefined);
    return message;
  };

  const app = new Hono();
  app.get('/_fake/messages', (c) => c.json(sent));
  app.post('/:version/:number/messages', async (c) => {
    if (c.req.header('authorization') !== `Bearer ${options.accessToken}`) {
      return c.json(errorBody(190, 'Invalid OAuth access token.'), 401);
    }
    const number = c.req.param('number');
    const body: unknown = await c.req.json().catch(() => undefined);
    const wrong = problemOf(body);
    if (wrong !== undefined) return c.json(errorBody(100, wrong), 400);
    const fault = faults.shift();
    switch (fault?.kind) {
      case 'refuse':
        return new Response(JSON.stringify(errorBody(fault.code, 'Refused by a fault')), {
          status: fault.httpStatus ?? 400,
        });
      case 'http_500':
        return c.text('upstream error', 502);
      case 'accept_then_500':
        take(body, number);
        return c.text('upstream error', 502);
      case 'accept_then_hang':
        take(body, number);
        await sleep(60_000, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
        return c.text('too late', 504);
      case undefined: {
        const message = take(body, number);
        return c.json({
          messaging_product: 'whatsapp',
          contacts: [{ input: message.to, wa_id: message.to }],
          messages: [{ id: message.wamid, message_status: 'accepted' }],
        });
      }
      default: {
        const unreachable: never = fault;
        return unreachable;
      }
    }
  });
  return {
    sent,
    addFault: (fault) => void faults.push(fault),
    setWebhookUrl: (url) => void (webhookUrl = url),
    report,
    write,
    prefer: (from, value, atMs = Date.now()) => deliver(preferenceBody(from, value, atMs), 'fake'),
    async start(port = 0) {
      listening = await listenOn(app.fetch, port);
      return `${listening.url}/v23.0`;
    },
    async stop() {
      stop.abort();
      await listening?.close();
    },
  };
}

function errorBody(code: number, message: string): object {
  return { error: { message, type: 'OAuthException', code, fbtrace_id: 'fake' } };
}

function statusBody(message: SentMessage, statuses: readonly StatusToSend[]): object {
  const one = ({ status, atMs = Date.now(), errorCode }: StatusToSend): object => ({
    id: message.wamid,
    status,
    timestamp: String(Math.floor(atMs / 1000)),
    recipient_id: message.to,
    biz_opaque_callback_data: message.callbackData,
    ...(errorCode === undefined
      ? {}
      : { errors: [{ code: errorCode, title: 'Fault', error_data: { details: 'as asked for' } }] }),
  });
  return changeBody('messages', { statuses: statuses.map(one) });
}

function messageBody({ from, text, repliesTo, isButton = false }: WrittenMessage, id: string): object {
  const words = isButton
    ? { type: 'button', button: { text, payload: text } }
    : { type: 'text', text: { body: text } };
  const message = {
    ...(from === undefined ? { from_user_id: 'CL.1047385771169864' } : { from }),
    id,
    timestamp: String(Math.floor(Date.now() / 1000)),
    ...words,
    ...(repliesTo === undefined ? {} : { context: { from: '56900000000', id: repliesTo } }),
  };
  const contacts = from === undefined ? [] : [{ profile: { name: 'Inventada' }, wa_id: from }];
  return changeBody('messages', { contacts, messages: [message] });
}

function preferenceBody(from: string, value: 'stop' | 'resume', atMs: number): object {
  const preference = {
    wa_id: from,
    detail: `User requested to ${value} marketing messages`,
    category: 'marketing_messages',
    value,
    timestamp: Math.floor(atMs / 1000),
  };
  return changeBody('user_preferences', { user_preferences: [preference] });
}

function changeBody(field: string, of: object): object {
  const metadata = { display_phone_number: '56900000000', phone_number_id: 'fake' };
  const value = { messaging_product: 'whatsapp', metadata, ...of };
  return { object: 'whatsapp_business_account', entry: [{ id: 'fake-waba', changes: [{ field, value }] }] };
}

/** Meta's own checks, as far as our request can fail them. */
function problemOf(body: unknown): string | undefined {
  if (get(body, 'messaging_product') !== 'whatsapp')
    return '(#100) The parameter messaging_product is required.';
  const to = get(body, 'to');
  if (typeof to !== 'string' || !/^\d{8,15}$/.test(to)) return '(#100) Param to must be a phone number.';
  if (get(body, 'type') !== 'template') return '(#131047) Outside the window only templates are taken.';
  const name = get(get(body, 'template'), 'name');
  if (typeof name !== 'string' || !/^[a-z0-9_]{1,512}$/.test(name))
    return '(#132001) Template name does not exist.';
  const values = bodyValuesOf(body);
  if (values.some((value) => value === '' || /[\n\t]| {5,}/.test(value))) {
    return '(#132018) Parameter text has new-line or tab characters or more than 4 spaces in a row.';
  }
  const data = get(body, 'biz_opaque_callback_data');
  if (data !== undefined && (typeof data !== 'string' || data.length > 512))
    return '(#100) Callback data too long.';
  return undefined;
}

function read(body: unknown): Omit<SentMessage, 'wamid' | 'phoneNumberId'> {
  const components = get(get(body, 'template'), 'components');
  const button = list(components).find((one) => get(one, 'type') === 'button');
  const callbackData = get(body, 'biz_opaque_callback_data');
  const suffix = get(list(get(button, 'parameters'))[0], 'text');
  return {
    to: String(get(body, 'to')),
    template: String(get(get(body, 'template'), 'name')),
    callbackData: typeof callbackData === 'string' ? callbackData : '',
    bodyValues: bodyValuesOf(body),
    buttonSuffix: typeof suffix === 'string' ? suffix : undefined,
    raw: body,
  };
}

function bodyValuesOf(body: unknown): readonly string[] {
  const part = list(get(get(body, 'template'), 'components')).find((one) => get(one, 'type') === 'body');
  return list(get(part, 'parameters')).map((one) => {
    const text = get(one, 'text');
    return typeof text === 'string' ? text : '';
  });
}

function get(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, key);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
